// SPDX-License-Identifier: GPL-3.0-or-later
//
// A zip of mail files, made piece by piece: no more of it is in memory than the message at hand. Owns the
// names inside, which come from subjects and must not leave the folder where the zip is unpacked.

import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { concat, utf8 } from '../lib/bytes.mjs';
import { safeFileName } from '../lib/text.mjs';

const EARLIEST = 315_619_200; // 2 January 1980: zip knows no earlier day, in any time zone
const LATEST = 4_070_822_400; // 31 December 2098

const two = (n) => String(n).padStart(2, '0');

/** "2026-11-24 1430 Subject.eml": sorts by time. @param {number} date seconds since 1970 */
export function mailFileName(date, subject) {
  const d = new Date(Math.min(Math.max(date, EARLIEST), LATEST) * 1000);
  const day = `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
  const time = `${two(d.getUTCHours())}${two(d.getUTCMinutes())}`;
  const words = safeFileName(Array.from(subject).slice(0, 80).join(''), 'mail');
  return `${day} ${time} ${words}.eml`;
}

export class Archive {
  #zip;
  #out = [];
  #names = new Set();

  constructor() {
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#out.push(chunk);
    });
  }

  #take() {
    const bytes = concat(...this.#out);
    this.#out = [];
    return bytes;
  }

  #unique(folder, name) {
    const dot = name.lastIndexOf('.');
    const [stem, extension] = [name.slice(0, dot), name.slice(dot)];
    let path = `${folder}${name}`;
    // Names that differ only in case are one name on many systems.
    for (let n = 2; this.#names.has(path.toLowerCase()); n++)
      path = `${folder}${stem} (${n})${extension}`;
    this.#names.add(path.toLowerCase());
    return path;
  }

  /** @returns {Uint8Array} what can be written away now */
  add(folder, name, date, bytes) {
    // Mail is mostly base64, which shrinks by a quarter; more effort would gain nothing.
    const path = this.#unique(folder, name);
    const file = bytes.length < 256 ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 1 });
    file.mtime = Math.min(Math.max(date, EARLIEST), LATEST) * 1000;
    this.#zip.add(file);
    file.push(bytes, true);
    return this.#take();
  }

  /** @param {string|null} note a text to put beside the mails */
  end(noteName, note) {
    const before =
      note === null ? [] : [this.add('', noteName, Math.floor(Date.now() / 1000), utf8(note))];
    this.#zip.end();
    return concat(...before, this.#take());
  }
}
