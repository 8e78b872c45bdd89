// SPDX-License-Identifier: GPL-3.0-or-later
//
// The registration code: 20 random digits and a Damm check digit, and the keys made from it.
// The check digit finds every single wrong digit and every swap of neighbours, before anything costly runs.

import { argon2id } from 'hash-wasm';
import { concat, hkdfSha512, hmacSha256, utf8 } from './bytes.mjs';

export const CODE_LENGTH = 21;

// The quasigroup of H. Michael Damm's thesis (2004), totally anti-symmetric.
const DAMM = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
];

/** @returns {number} 0 if the digits end in their right check digit; else the check digit of the whole */
export function damm(digits) {
  let state = 0;
  for (const digit of digits) state = Number(DAMM[state][Number(digit)]);
  return state;
}

/** Keeps only digits: people type spaces, dashes, dots. Other scripts' digits count as digits (NFKC). */
export function codeDigits(text) {
  return text
    .normalize('NFKC')
    .replace(/[^0-9]/g, '')
    .slice(0, CODE_LENGTH);
}

/** @returns {string} groups of three, as the letter shows them */
export function groupCode(digits) {
  return digits.replace(/(...)(?=.)/g, '$1 ');
}

/** @returns {'short'|'typo'|'plausible'} what can be said without asking anyone */
export function judgeCode(digits) {
  if (digits.length < CODE_LENGTH) return 'short';
  return damm(digits) === 0 ? 'plausible' : 'typo';
}

/**
 * The three keys of a code. Argon2id(t=3, 64 MiB, p=1): about a second on an old phone, and the price of
 * every guess for a server that would try codes against the wrap it holds.
 * @param {string} digits 21 ASCII digits
 * @param {Uint8Array} salt the 16 bytes of the invitation
 * @returns {Promise<{kek, mac, auth}>} 32 bytes each
 */
export async function deriveCodeKeys(digits, salt) {
  const [kek, mac, auth] = await derive(digits, salt, [
    'sgp1 code kek',
    'sgp1 code mac',
    'sgp1 code auth',
  ]);
  return { kek, mac, auth };
}

/**
 * The two keys of a printed recovery code. Other labels than those of the registration code, so that neither
 * is ever of use in the place of the other, even if the digits were the same.
 * @returns {Promise<{kek, auth}>} 32 bytes each
 */
export async function deriveRecoveryKeys(digits, salt) {
  const [kek, auth] = await derive(digits, salt, ['sgp1 recovery kek', 'sgp1 recovery auth']);
  return { kek, auth };
}

/** @returns {string} 20 random digits and their check digit */
export function makeCode() {
  let digits = '';
  while (digits.length < CODE_LENGTH - 1)
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      // 250 and more would make the low digits a little likelier.
      if (byte < 250 && digits.length < CODE_LENGTH - 1) digits += byte % 10;
  return digits + damm(digits);
}

async function derive(digits, salt, labels) {
  const stretched = await argon2id({
    password: digits,
    salt,
    iterations: 3,
    memorySize: 65536,
    parallelism: 1,
    hashLength: 64,
    outputType: 'binary',
  });
  const keys = await Promise.all(labels.map((label) => hkdfSha512(stretched, label, 32)));
  stretched.fill(0);
  return keys;
}

/** Binds CS to the code: a server that swaps CS cannot make this MAC, and the agent refuses it. */
export async function signatureMac(codeMac, handle, generation, signatureKey) {
  return hmacSha256(codeMac, concat(utf8(`sgp1 cs\0${handle}\0${generation}\0`), signatureKey));
}
