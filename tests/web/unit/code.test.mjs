// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from './load.mjs';

const { damm, codeDigits, deriveCodeKeys, groupCode, judgeCode, signatureMac } =
  await load('lib/code.mjs');
const { hex, unhex, hmacSha256, utf8, concat } = await load('lib/bytes.mjs');
const vectors = JSON.parse(
  await readFile(new URL('code-vectors.json', import.meta.url), 'utf8'),
).code;

test('the keys of the known code are the known ones', async () => {
  const keys = await deriveCodeKeys(vectors.digits, unhex(vectors.salt));
  assert.equal(hex(keys.kek), vectors.kek);
  assert.equal(hex(keys.mac), vectors.mac_key);
  assert.equal(keys.auth.length, 32);
  assert.notEqual(hex(keys.auth), vectors.kek);
});

test('the example of the literature has check digit 4', () => {
  assert.equal(damm('572'), 4);
  assert.equal(damm('5724'), 0);
});

test('the known code passes its check digit', () => {
  assert.equal(judgeCode(vectors.digits), 'plausible');
});

test('every single wrong digit is found', () => {
  for (let at = 0; at < 21; at++) {
    for (let d = 0; d < 10; d++) {
      const other = vectors.digits.slice(0, at) + d + vectors.digits.slice(at + 1);
      assert.equal(judgeCode(other), other === vectors.digits ? 'plausible' : 'typo');
    }
  }
});

test('every swap of two different neighbours is found', () => {
  const d = vectors.digits;
  for (let at = 0; at < 20; at++) {
    const swapped = d.slice(0, at) + d[at + 1] + d[at] + d.slice(at + 2);
    if (swapped !== d) assert.equal(judgeCode(swapped), 'typo');
  }
});

test('a code may be typed with spaces, dashes and full-width digits, and is shown in groups of three', () => {
  assert.equal(codeDigits(' 482-113 907.554 286 019 ７３７ 99'), vectors.digits);
  assert.equal(groupCode(vectors.digits), '482 113 907 554 286 019 737');
  assert.equal(groupCode('4821'), '482 1');
  assert.equal(groupCode(''), '');
  assert.equal(judgeCode('482'), 'short');
});

test('the MAC over CS names handle, generation and key', async () => {
  const key = unhex(vectors.mac_key);
  const handle = '00112233445566778899aabbccddeeff';
  const expected = await hmacSha256(
    key,
    concat(utf8(`sgp1 cs\0${handle}\x003\0`), new Uint8Array([9, 8, 7])),
  );
  assert.deepEqual(await signatureMac(key, handle, 3, new Uint8Array([9, 8, 7])), expected);
  assert.notDeepEqual(await signatureMac(key, handle, 4, new Uint8Array([9, 8, 7])), expected);
});
