// SPDX-License-Identifier: GPL-3.0-or-later
//
// Judges passwords with zxcvbn, in a worker of its own because its word lists are large and most visitors
// never need them. Keeps no password.

import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import commonWords from '@zxcvbn-ts/language-de/dist/commonWords.json.esm.js';
import firstnames from '@zxcvbn-ts/language-de/dist/firstnames.json.esm.js';

const judge = new ZxcvbnFactory({
  graphs: adjacencyGraphs,
  dictionary: { ...dictionary, 'commonWords-de': commonWords, 'firstnames-de': firstnames },
});

self.onmessage = ({ data: { call, password, words } }) => {
  self.postMessage({ call, score: judge.check(password.slice(0, 100), words).score });
};
