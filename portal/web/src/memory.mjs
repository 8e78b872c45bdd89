// SPDX-License-Identifier: GPL-3.0-or-later
//
// The two things that may outlive the page in the browser's storage: the language, and the highest roster
// version of the office. No name, no address, no key. Works without storage: then nothing is remembered.

const PREFIX = 'siegelpost.';

export function remember(name, value) {
  try {
    window.localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage is off or full. The portal works without.
  }
}

export function recall(name) {
  try {
    return JSON.parse(window.localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}
