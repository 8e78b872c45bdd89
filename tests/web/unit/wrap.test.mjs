// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import { load } from './load.mjs';

const { openWrap, padJson, readJson, sealWrap } = await load('lib/wrap.mjs');
const { b64u, base64, hkdfSha512, unb64u, unhex, uuidv7, utf8 } = await load('lib/bytes.mjs');

const key = new Uint8Array(32).fill(7);
const handle = '00112233445566778899aabbccddeeff';

test('a wrap is nonce, ciphertext and tag, with the associated data of the protocol', async () => {
  const wrap = await sealWrap(key, 'mailbox', handle, 2, utf8('hello'));
  assert.equal(wrap.length, 12 + 5 + 16);
  // Opened by another implementation (OpenSSL): the protocol, not our own mirror image, is what holds.
  const other = createDecipheriv('aes-256-gcm', key, wrap.subarray(0, 12));
  other.setAAD(Buffer.from(`sgp1 wrap\0mailbox\0${handle}\x002`));
  other.setAuthTag(wrap.subarray(-16));
  assert.equal(other.update(wrap.subarray(12, -16), null, 'utf8') + other.final('utf8'), 'hello');
});

test('a wrap of another kind, customer or generation does not open', async () => {
  const wrap = await sealWrap(key, 'mailbox', handle, 2, utf8('hello'));
  assert.equal(new TextDecoder().decode(await openWrap(key, 'mailbox', handle, 2, wrap)), 'hello');
  await assert.rejects(openWrap(key, 'code', handle, 2, wrap));
  await assert.rejects(openWrap(key, 'mailbox', handle.replace('0', '1'), 2, wrap));
  await assert.rejects(openWrap(key, 'mailbox', handle, 3, wrap));
  await assert.rejects(openWrap(new Uint8Array(32), 'mailbox', handle, 2, wrap));
  await assert.rejects(sealWrap(key, 'nonsense', handle, 2, utf8('')));
});

test('every flipped byte is found', async () => {
  const wrap = await sealWrap(key, 'draft', handle, 1, utf8('abc'));
  for (let at = 0; at < wrap.length; at++) {
    const bad = wrap.slice();
    bad[at] ^= 1;
    await assert.rejects(openWrap(key, 'draft', handle, 1, bad), `byte ${at}`);
  }
  await assert.rejects(openWrap(key, 'draft', handle, 1, wrap.subarray(0, 20)));
});

test('padded JSON fills whole blocks and reads back', () => {
  for (const length of [0, 10, 4080, 4090, 9000]) {
    const padded = padJson({ a: 'x'.repeat(length) });
    assert.equal(padded.length % 4096, 0);
    assert.equal(readJson(padded).a.length, length);
  }
});

test('the key from an export key is HKDF-SHA512 as OpenSSL makes it', async () => {
  const ikm = new Uint8Array(64).fill(3);
  assert.deepEqual(
    await hkdfSha512(ikm, 'sgp1 kek', 32),
    new Uint8Array(hkdfSync('sha512', ikm, new Uint8Array(0), 'sgp1 kek', 32)),
  );
});

test('base64 spellings are the standard ones, and others are refused', () => {
  const bytes = Uint8Array.from({ length: 70000 }, (_, i) => (i * 31) & 0xff);
  assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
  assert.equal(b64u(bytes), Buffer.from(bytes).toString('base64url'));
  assert.deepEqual(unb64u(b64u(bytes)), bytes);
  for (const bad of ['a', 'ab=', 'a+b/', 'ab c', null]) assert.throws(() => unb64u(bad));
  assert.throws(() => unhex('ABCD'));
  assert.throws(() => unhex('abc'));
});

test('a UUIDv7 begins with the time and sorts by it', () => {
  const early = uuidv7(1764000000000);
  assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(early.slice(0, 13).replace('-', ''), 16), 1764000000000);
  assert.ok(early < uuidv7(1764000000001));
});
