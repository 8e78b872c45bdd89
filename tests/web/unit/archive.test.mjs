// SPDX-License-Identifier: GPL-3.0-or-later
//
// The export: mail files that another program reads, in a zip that another program unpacks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load } from './load.mjs';

const { buildEml } = await load('lib/eml.mjs');
const { Archive, mailFileName } = await load('vault/archive.mjs');
const { utf8 } = await load('lib/bytes.mjs');

const mail = {
  from: { name: 'Erika Müster', address: 'erika@office.example' },
  to: [{ name: '', address: 'kunde@kundenpost.example' }],
  cc: [],
  subject: 'Ihre Police – bitte prüfen\r\nBcc: boese@evil.example',
  date: 1764000000,
  messageId: '<a@office.example>',
  inReplyTo: null,
  references: [],
  text: 'Guten Tag,\n\nFräulein.',
  html: '<p>Guten <b>Tag</b></p>',
  attachments: [{ name: 'Police ü.pdf', type: 'application/pdf', bytes: utf8('%PDF') }],
  signer: 'abcd',
};

function python(script, input) {
  return JSON.parse(execFileSync('python3', ['-c', script], { input }).toString());
}

const READ = `
import sys,json,email,email.policy
m=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)
print(json.dumps({'subject':m['subject'],'from':m['from'],'to':m['to'],'bcc':m['bcc'],'defects':[str(d) for d in m.defects],
 'text':m.get_body(('plain',)).get_content(),'html':(m.get_body(('html',)) or m.get_body(('plain',))).get_content(),
 'files':[[a.get_filename(),a.get_content_type(),len(a.get_content())] for a in m.iter_attachments()],
 'alternatives':[p.get_content_type() for p in m.walk()]}))`;

test('another program reads the mail file: people, subject, both texts, attachments', () => {
  const read = python(READ, Buffer.from(buildEml(mail)));
  assert.equal(read.subject, 'Ihre Police – bitte prüfen Bcc: boese@evil.example');
  assert.equal(read.bcc, null);
  assert.equal(read.from, 'Erika Müster <erika@office.example>');
  assert.equal(read.text.replace(/\r/g, '').trimEnd(), mail.text);
  assert.match(read.html, /<b>Tag<\/b>/);
  assert.deepEqual(read.files, [['Police ü.pdf', 'application/pdf', 4]]);
  assert.deepEqual(read.alternatives, [
    ...['multipart/mixed', 'multipart/alternative', 'text/plain', 'text/html', 'application/pdf'],
  ]);
  assert.deepEqual(read.defects, []);
});

test('an address that is none, or no recipient at all, does not end the export', () => {
  const odd = { ...mail, html: null, from: { name: 'x\r\nEvil: 1', address: 'a b' }, to: [] };
  const text = Buffer.from(buildEml(odd)).toString();
  assert.doesNotMatch(text, /^Evil/m);
  assert.match(text, /^To: undisclosed-recipients:;\r$/m);
});

test('a zip of many pieces is unpacked by another program, names and times and all', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sgp-web-zip-'));
  const archive = new Archive();
  const pieces = [];
  const big = utf8('Anlage '.repeat(50000));
  for (const [subject, bytes] of [
    ['Über ../../alles', big],
    ['Über ../../alles', utf8('zwei')],
    ['ÜBER ../../ALLES', utf8('drei')],
  ])
    pieces.push(archive.add('Posteingang/', mailFileName(1764000000, subject), 1764000000, bytes));
  pieces.push(archive.end('Nicht enthalten.txt', 'Grund'));
  await writeFile(join(home, 'a.zip'), Buffer.concat(pieces));
  const read = python(
    'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps([[i.filename,i.file_size,i.date_time[0]] for i in z.infolist()]))'.replace(
      'sys.argv[1]',
      JSON.stringify(join(home, 'a.zip')),
    ),
  );
  assert.deepEqual(
    read.map(([name, size]) => [name, size]),
    [
      ['Posteingang/2025-11-24 1600 Über .._.._alles.eml', big.length],
      ['Posteingang/2025-11-24 1600 Über .._.._alles (2).eml', 4],
      ['Posteingang/2025-11-24 1600 ÜBER .._.._ALLES (3).eml', 4],
      ['Nicht enthalten.txt', 5],
    ],
  );
  assert.equal(read[0][2], 2025);
  assert.ok(pieces[0].length < big.length / 10);
  await rm(home, { recursive: true });
});

test('dates that zip does not know, and subjects that are no name, still give a file', () => {
  const archive = new Archive();
  assert.match(mailFileName(-5e9, ''), /^1980-01-02 0000 mail\.eml$/);
  assert.match(mailFileName(9e12, '\u202e/'), /^2098-12-31/);
  assert.doesNotThrow(() => archive.add('', mailFileName(0, 'x'), 0, utf8('x')));
});

test('ten thousand mails leave a few bytes each behind, and not the mails', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const held = () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const archive = new Archive();
  const mails = randomBytes(20_000);
  let written = 0;
  const before = held();
  for (let n = 0; n < 10_000; n++)
    written += archive.add('', `${n}.eml`, 1764000000, mails).length;
  // Freed buffers are given back a little later, by another thread.
  let after = held() - before;
  for (let n = 0; n < 200 && after >= 25e6; n++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    after = held() - before;
  }
  assert.ok(written > 200e6, String(written));
  // What the zip's own directory needs at its end: names, sizes, times.
  assert.ok(after < 25e6, `${after} bytes are held for ${written}`);
  assert.ok(archive.end('', null).length < 2e6);
});
