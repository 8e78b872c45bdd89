// SPDX-License-Identifier: GPL-3.0-or-later
//
// The customer's side of OPAQUE for tests: one JSON request a line in, one JSON answer a line out, by the
// very package that the pages use. argv[2] is the folder of its node_modules.

import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const opaque = require('@serenity-kit/opaque');
await opaque.ready;

const QUICK = { 'argon2id-custom': { iterations: 1, memory: 1024, parallelism: 1 } };
const REAL = { 'argon2id-custom': { iterations: 3, memory: 65536, parallelism: 1 } };
const cost = (request) => (request.real ? REAL : QUICK);

const operations = {
  startRegistration: (r) => opaque.client.startRegistration({ password: r.password }),
  finishRegistration: (r) => opaque.client.finishRegistration({
    password: r.password, registrationResponse: r.response, clientRegistrationState: r.state, keyStretching: cost(r),
  }),
  startLogin: (r) => opaque.client.startLogin({ password: r.password }),
  finishLogin: (r) => opaque.client.finishLogin({
    password: r.password, loginResponse: r.response, clientLoginState: r.state, keyStretching: cost(r),
  }) ?? null,
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = operations[request.op](request);
  } catch (problem) {
    answer = { error: String(problem) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
