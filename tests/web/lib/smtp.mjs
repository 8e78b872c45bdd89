// SPDX-License-Identifier: GPL-3.0-or-later
//
// A small SMTP receiver for the tests: takes every mail, keeps it, and lets a test wait for one.

import net from 'node:net';

export class Smtp {
  mails = []; // {from, to: string[], data: string}
  #server;
  #waiting = [];

  async listen() {
    this.#server = net.createServer((socket) => this.#serve(socket));
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.#server.address().port;
  }

  /** The first mail, past or future, that `wanted` accepts. */
  waitFor(wanted, milliseconds = 20000) {
    const found = this.mails.find(wanted);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no such mail arrived')), milliseconds);
      this.#waiting.push({
        wanted,
        resolve: (mail) => {
          clearTimeout(timer);
          resolve(mail);
        },
      });
    });
  }

  close() {
    this.#server.close();
  }

  #take(mail) {
    this.mails.push(mail);
    for (const waiting of this.#waiting) if (waiting.wanted(mail)) waiting.resolve(mail);
  }

  #serve(socket) {
    let buffer = '';
    let mail = null;
    let inData = false;
    const say = (line) => socket.write(`${line}\r\n`);
    const commands = {
      EHLO: () => say('250-test\r\n250-8BITMIME\r\n250 SIZE 200000000'),
      HELO: () => say('250 test'),
      MAIL: (line) => {
        mail = { from: /<(.*?)>/.exec(line)[1], to: [], data: '' };
        say('250 ok');
      },
      RCPT: (line) => {
        mail.to.push(/<(.*?)>/.exec(line)[1]);
        say('250 ok');
      },
      DATA: () => {
        inData = true;
        say('354 go on');
      },
      RSET: () => {
        mail = null;
        say('250 ok');
      },
      NOOP: () => say('250 ok'),
      QUIT: () => {
        say('221 bye');
        socket.end();
      },
    };
    say('220 test ESMTP');
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        const mark = inData ? '\r\n.\r\n' : '\r\n';
        const end = buffer.indexOf(mark);
        if (end < 0) return;
        const piece = buffer.slice(0, end);
        buffer = buffer.slice(end + mark.length);
        if (inData) {
          inData = false;
          this.#take({ ...mail, data: `${piece}\r\n`.replace(/^\.\./gm, '.') });
          say('250 taken');
        } else {
          const command = commands[piece.slice(0, 4).toUpperCase()];
          if (command) command(piece);
          else say('500 what');
        }
      }
    });
  }
}
