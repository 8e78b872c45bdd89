// SPDX-License-Identifier: GPL-3.0-or-later
//
// How good a password is, in words. Length is counted in characters as people see them.

import { loadWorker } from './vault-client.mjs';

export const MIN_PASSWORD = 12;
/** What stands on these pages, and what such a customer thinks of first. */
const HERE = 'webmail portal siegelpost versicherung agentur insurance agency police vertrag';
const LEVELS = ['weak', 'weak', 'fair', 'good', 'strong'];

let worker = null;
let next = 1;

async function score(password, words) {
  worker ??= loadWorker(__STRENGTH__);
  const judge = await worker;
  const call = next++;
  return new Promise((resolve, reject) => {
    const listen = ({ data }) => {
      if (data.call !== call) return;
      judge.removeEventListener('message', listen);
      resolve(data.score);
    };
    judge.addEventListener('message', listen);
    judge.addEventListener('error', reject, { once: true });
    judge.postMessage({ call, password, words });
  });
}

/** Ends the worker: its word lists take memory, and it has seen passwords. */
export function endJudge() {
  worker?.then(
    (judge) => judge.terminate(),
    () => {},
  );
  worker = null;
}

const OWN = 6; // characters

/** Two guessable words one after the other: zxcvbn takes them for two choices out of ten thousand each. */
function onlyWords(password, words) {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const without = (left, word) => left.replaceAll(word, '');
  const rest = longestFirst.reduce(without, password.toLowerCase());
  return Array.from(rest).length < OWN;
}

/**
 * @param {string[]} context words that everybody could guess here: the address, the name of the office
 * @returns {Promise<{level: 'short'|'weak'|'fair'|'good'|'strong'|'unknown'}>} `unknown` where the word lists could not
 *   be loaded: the length rule still holds, and nobody is locked out by a lost file
 */
export async function judgePassword(password, context) {
  if (Array.from(password).length < MIN_PASSWORD) return { level: 'short' };
  const words = [...context, HERE]
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length > 2);
  if (onlyWords(password, words)) return { level: 'weak' };
  try {
    return { level: LEVELS[await score(password, words)] };
  } catch {
    worker = null;
    return { level: 'unknown' };
  }
}
