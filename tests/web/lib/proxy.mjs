// SPDX-License-Identifier: GPL-3.0-or-later
//
// Stands between browser and portal, like a hostile server would: counts requests, and changes answers
// where a test says so. The portal's origin is the proxy's, so the browser cannot tell.

import http from 'node:http';

export class Proxy {
  requests = []; // {method, path}
  /** @type {null | ((path: string, method: string, body: Buffer) => Buffer|object|undefined|Promise<any>)} */
  tamper = null;
  #server;

  async listen() {
    this.#server = http.createServer((request, response) => this.#pass(request, response));
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
    return this.origin;
  }

  target(port) {
    this.port = port;
  }

  /** Changes JSON answers of paths that match, until `restore`. */
  tamperJson(match, change) {
    this.tamper = (path, method, body) => {
      if (!match.test(path)) return undefined;
      const json = JSON.parse(body.toString('utf8'));
      return Buffer.from(JSON.stringify(change(json) ?? json));
    };
  }

  restore() {
    this.tamper = null;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #pass(request, response) {
    this.requests.push({ method: request.method, path: request.url });
    const upstream = http.request(
      {
        agent: false,
        host: '127.0.0.1',
        port: this.port,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, 'accept-encoding': 'identity' },
      },
      async (answer) => {
        const chunks = [];
        for await (const chunk of answer) chunks.push(chunk);
        let body = Buffer.concat(chunks);
        const headers = { ...answer.headers };
        if (this.tamper && answer.statusCode < 300) {
          const changed = await this.tamper(request.url, request.method, body);
          if (changed) {
            body = changed;
            delete headers['transfer-encoding'];
            headers['content-length'] = String(body.length);
          }
        }
        response.writeHead(answer.statusCode, headers);
        response.end(body);
      },
    );
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  }
}
