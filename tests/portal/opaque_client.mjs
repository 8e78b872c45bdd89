// SPDX-License-Identifier: GPL-3.0-or-later
//
// The customer's side of the portal's cryptography for tests: one JSON request a line in, one JSON answer a line
// out, by the very packages that the pages use. argv[2] is the folder of their node_modules.

import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const opaque = require('@serenity-kit/opaque');
await opaque.ready;

const QUICK = { 'argon2id-custom': { iterations: 1, memory: 1024, parallelism: 1 } };
const REAL = { 'argon2id-custom': { iterations: 3, memory: 65536, parallelism: 1 } };
const cost = (request) => (request.real ? REAL : QUICK);

const b64u = (bytes) => Buffer.from(bytes).toString('base64url');

// The two codes of PROTOCOL.md: 21 digits, stretched, and the keys made of them.
async function stretch({ digits, salt, labels }) {
  const { argon2id } = require('hash-wasm');
  const stretched = await argon2id({
    password: digits, salt: Buffer.from(salt, 'base64url'), iterations: 3, memorySize: 65536, parallelism: 1, hashLength: 64, outputType: 'binary',
  });
  return labels.map((label) => b64u(hkdfSync('sha512', stretched, '', label, 32)));
}

function wrap({ key, kind, handle, generation, plain }) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), nonce);
  cipher.setAAD(Buffer.from(`sgp1 wrap\0${kind}\0${handle}\0${generation}`));
  return b64u(Buffer.concat([nonce, cipher.update(Buffer.from(plain, 'base64url')), cipher.final(), cipher.getAuthTag()]));
}

async function makeKey({ address }) {
  const openpgp = require('openpgp');
  const { privateKey, publicKey } = await openpgp.generateKey({ type: 'ecc', curve: 'curve25519Legacy', userIDs: [{ email: address }], format: 'armored' });
  return { privateKey, publicKey };
}

async function seal({ plain, publicKey, privateKey, format }) {
  const openpgp = require('openpgp');
  const message = await openpgp.createMessage({ binary: Buffer.from(plain, 'base64url') });
  const encryptionKeys = await openpgp.readKey({ armoredKey: publicKey });
  const signingKeys = await openpgp.readPrivateKey({ armoredKey: privateKey });
  const sealed = await openpgp.encrypt({ message, encryptionKeys, signingKeys, format });
  return format === 'binary' ? b64u(sealed) : sealed;
}

const operations = {
  stretch,
  wrap,
  makeKey,
  seal,
  kek: ({ exportKey }) => b64u(hkdfSync('sha512', Buffer.from(exportKey, 'base64url'), '', 'sgp1 kek', 32)),
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
    answer = await operations[request.op](request);
  } catch (problem) {
    answer = { error: String(problem) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
