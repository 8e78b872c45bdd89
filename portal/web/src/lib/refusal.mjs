// SPDX-License-Identifier: GPL-3.0-or-later
//
// Why something was not shown. The codes are a closed list; the pages have one sentence for each
// ("refused.<code>" in the string catalogues, kept complete by a test).

export const REFUSALS = [
  'wrong-code',
  'wrong-portal',
  'wrong-mailbox',
  'wrong-office-key',
  'roster-forged',
  'roster-old',
  'unreadable',
  'signature',
  'manifest-portal',
  'manifest-mailbox',
  'manifest-message',
  'manifest-format',
  'blob-missing',
  'blob-changed',
  'blob-unreadable',
  'no-recipient-key',
  'key-none',
  'key-private',
  'key-several',
  'key-expired',
  'key-useless',
  'key-large',
  'key-ours',
];

export class Refusal extends Error {
  /** @param {string} code one of REFUSALS; @param {unknown} cause for the tests, never shown */
  constructor(code, cause) {
    super(code, { cause });
    this.name = 'Refusal';
    this.code = code;
  }
}
