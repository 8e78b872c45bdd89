// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tries in this browser what reading a message needs, with throw-away keys, and says what worked.
// Holds nothing of a customer.

import { argon2id } from 'hash-wasm';
import { openWrap, sealWrap } from '../lib/wrap.mjs';
import { generateSignatureKey, readPublic } from '../lib/pgp.mjs';
import { startLogin } from './opaque.mjs';

async function works(action) {
  try {
    await action();
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<{webcrypto, wasm, opaque, openpgp: boolean, milliseconds: number}>} time of one Argon2id */
export async function selfTest() {
  const webcrypto = await works(async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const box = await sealWrap(key, 'draft', 'test', 1, new Uint8Array([1, 2, 3]));
    if ((await openWrap(key, 'draft', 'test', 1, box))[2] !== 3) throw new Error('other bytes');
  });
  const began = performance.now();
  const wasm = await works(() =>
    argon2id({
      password: 'test',
      salt: new Uint8Array(16),
      iterations: 3,
      memorySize: 65536,
      parallelism: 1,
      hashLength: 32,
      outputType: 'binary',
    }),
  );
  const milliseconds = Math.round(performance.now() - began);
  const opaque = await works(() => startLogin('test'));
  const openpgp = await works(async () => {
    const key = await generateSignatureKey('test@example.org');
    await readPublic(key.toPublic().armor());
  });
  return { webcrypto, wasm, opaque, openpgp, milliseconds };
}
