// SPDX-License-Identifier: GPL-3.0-or-later
//
// Wraps: nonce(12) ‖ AES-256-GCM ciphertext ‖ tag(16). The associated data names kind, handle and
// generation, so that a server that swaps wraps between customers, kinds or generations gets a refusal
// and not a key (test: "a wrap of another kind, customer or generation does not open").

import { concat, fromUtf8, utf8 } from './bytes.mjs';

export const WRAP_KINDS = ['code', 'password', 'answer', 'recovery', 'mailbox', 'draft'];
const PAD = 4096;

function associatedData(kind, handle, generation) {
  if (!WRAP_KINDS.includes(kind)) throw new Error('unknown kind of wrap');
  return utf8(`sgp1 wrap\0${kind}\0${handle}\0${generation}`);
}

async function aesKey(key, usage) {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [usage]);
}

/** @returns {Promise<Uint8Array>} the wrap of `plain` under the 32 bytes of `key` */
export async function sealWrap(key, kind, handle, generation, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = associatedData(kind, handle, generation);
  const box = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    await aesKey(key, 'encrypt'),
    plain,
  );
  return concat(iv, new Uint8Array(box));
}

/** Opens a wrap; throws if key, kind, handle, generation or a single bit is another. */
export async function openWrap(key, kind, handle, generation, wrap) {
  if (wrap.length < 28) throw new Error('a wrap too short to be one');
  const iv = wrap.subarray(0, 12);
  const additionalData = associatedData(kind, handle, generation);
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv, additionalData },
    await aesKey(key, 'decrypt'),
    wrap.subarray(12),
  );
  return new Uint8Array(plain);
}

/** JSON padded with spaces to a multiple of 4096 bytes: the length of a wrap tells nothing about the keys in it. */
export function padJson(value) {
  const bytes = utf8(JSON.stringify(value));
  const out = new Uint8Array(Math.ceil(bytes.length / PAD) * PAD).fill(0x20);
  out.set(bytes);
  return out;
}

export function readJson(bytes) {
  return JSON.parse(fromUtf8(bytes));
}
