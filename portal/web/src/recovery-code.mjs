// SPDX-License-Identifier: GPL-3.0-or-later
//
// The printed recovery code between its making and the end of its one showing. It is never sent and never
// stored; who leaves the page or is locked out has seen it for the last time.

import { app, guarded } from './app.mjs';
import { change } from './api.mjs';

let shown = null;

/** @returns {string|null} the 21 digits, while they may be shown */
export function shownCode() {
  return shown;
}

export function forgetCode() {
  shown = null;
}

/** Makes a new code; one that was made before is worth nothing from then on. */
export async function makeRecoveryCode() {
  const { digits, recovery } = await app.vault.call('makeRecoveryCode');
  // Shown only after the server has it: a code on paper that opens nothing is worse than none.
  await guarded(() => change('POST', '/p/v1/credentials/finish', { recovery }));
  shown = digits;
}
