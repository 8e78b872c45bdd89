// SPDX-License-Identifier: GPL-3.0-or-later
//
// The files of the message that is being written: chosen, named, judged by size before anything is sent. Only
// this page has them; a draft keeps their names, so that whoever comes back is told what to add again.

import { announce, app } from '../app.mjs';
import { field, fieldError, h, icon, notice, own } from '../dom.mjs';
import { showLimit, showSize, t } from '../i18n.mjs';
import { safeFileName } from '../lib/text.mjs';

let files = []; // File objects
let missing = []; // names which the draft remembers, of files that this page does not have
let onChange = () => {};

/** The browser could not read a file any more: deleted, moved, or its drive is gone. */
export class FileGone extends Error {
  constructor(name, cause) {
    super('file gone', { cause });
    this.name = 'FileGone';
    this.file = name;
  }
}

/** @param {string[]} names what the draft says was attached */
export function expectFiles(names = []) {
  files = [];
  missing = names;
}

/** To be kept in the draft: what is here, and what is still to be added again. */
export function fileNames() {
  return [...files.map((file) => file.name), ...missing];
}

/** @returns {File[]} those of now; what is added or removed later changes nothing in it */
export function chosenFiles() {
  return [...files];
}

/** As the recipient will read them. */
export function sentNames(chosen) {
  return chosen.map((file) => safeFileName(file.name));
}

/** @returns {Promise<Array<{name, type, bytes}>>} @throws {FileGone} */
export function readFiles(chosen) {
  return Promise.all(
    chosen.map(async (file) => {
      try {
        return {
          name: file.name,
          type: file.type,
          bytes: new Uint8Array(await file.arrayBuffer()),
        };
      } catch (cause) {
        throw new FileGone(file.name, cause);
      }
    }),
  );
}

/** The portal counts the sealed message: base64 in MIME and in the armor make 1.85 bytes of each byte. */
function limits() {
  const { attachment, message } = app.office?.limits ?? {
    attachment: 50 * 1024 * 1024,
    message: 100 * 1024 * 1024,
  };
  const together = Math.floor(message / 1.9 / 1e6) * 1e6;
  return { attachment: Math.min(attachment, together), message: together };
}

/** Says before sending what would not fit; adds only what does. */
function addFiles(chosen) {
  const { attachment, message } = limits();
  const problems = [];
  for (const file of chosen) {
    const total = files.reduce((n, f) => n + f.size, 0) + file.size;
    if (file.size > attachment)
      problems.push(
        t('files.large', {
          name: file.name,
          size: showSize(file.size),
          limit: showLimit(attachment),
        }),
      );
    else if (total > message)
      problems.push(t('files.total', { name: file.name, limit: showLimit(message) }));
    else files.push(file);
  }
  missing = missing.filter((name) => !files.some((file) => file.name === name));
  changedFiles();
  fieldError('compose-file', problems.join(' ') || null, false);
  announce(t('files.count', { count: files.length }));
}

function remove(index) {
  files.splice(index, 1);
  changedFiles();
  document.getElementById('compose-file').focus();
}

function changedFiles() {
  paintFiles();
  onChange();
}

function row(file, index) {
  return h(
    'li',
    { 'data-testid': 'compose-attachment' },
    icon('clip'),
    h('span', { class: 'file-name' }, own(file.name)),
    h('span', { class: 'soft' }, showSize(file.size)),
    h(
      'button',
      {
        type: 'button',
        class: 'button quiet small',
        'aria-label': t('files.remove', { name: file.name }),
        onclick: () => remove(index),
      },
      t('files.remove.short'),
    ),
  );
}

export function paintFiles() {
  document.getElementById('compose-files').replaceChildren(...files.map(row));
  const place = document.getElementById('compose-files-missing');
  const names = missing.flatMap((name, i) => [i > 0 && ', ', own(name)]);
  place.replaceChildren(
    ...(missing.length > 0
      ? [
          notice(
            'warn',
            [h('p', {}, t('files.missing')), h('p', { class: 'file-name' }, names)],
            'compose-missing-files',
          ),
        ]
      : []),
  );
}

/** @param {() => void} changed called when a file was added or removed */
export function fileField(changed) {
  onChange = changed;
  const input = h('input', {
    type: 'file',
    multiple: true,
    onchange: (e) => {
      addFiles(Array.from(e.target.files));
      e.target.value = '';
    },
  });
  const { attachment, message } = limits();
  input.className = 'aloud';
  const node = field({
    id: 'compose-file',
    label: [icon('clip'), t('files.add')],
    hint: t('files.limits', { attachment: showLimit(attachment), message: showLimit(message) }),
    input,
    after: h('ul', { class: 'chosen', id: 'compose-files' }),
  });
  // The label is the button: what browsers write beside a bare file field is in the language of the browser.
  node.classList.add('file-field');
  return [h('div', { id: 'compose-files-missing' }), node];
}
