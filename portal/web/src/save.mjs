// SPDX-License-Identifier: GPL-3.0-or-later
//
// Saves a file on the customer's device. As a download of no known type: nothing is ever opened in the
// portal's own origin.

import { h } from './dom.mjs';

/** @param {string} name fit for a file name; @param {Uint8Array|Blob} content */
export function saveFile(name, content) {
  const blob =
    content instanceof Blob ? content : new Blob([content], { type: 'application/octet-stream' });
  const url = URL.createObjectURL(blob);
  const a = h('a', { href: url, download: name, hidden: true });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
