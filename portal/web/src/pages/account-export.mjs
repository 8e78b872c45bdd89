// SPDX-License-Identifier: GPL-3.0-or-later
//
// All mail as files. Fetched, judged and opened message by message; a message that is refused is not in the
// file, and a text beside the mails says so. The zip grows in pieces that the browser may keep on disk.

import { announce, app, guarded, link, sentenceFor } from '../app.mjs';
import { get, getBlob } from '../api.mjs';
import { button, h, notice } from '../dom.mjs';
import { showSize, t } from '../i18n.mjs';
import { saveFile } from '../save.mjs';

const PART = 1e9; // bytes: zip without extensions ends at 4 GB, and phones long before that
const FOLDERS = ['inbox', 'sent'];

let run = null; // {stopped, done, total, bytes, parts, failed: [], state}: the export that is under way, or its end

export function stopExport() {
  if (run) run.stopped = true;
  run = null;
}

async function listAll(mine) {
  const items = [];
  for (const folder of FOLDERS) {
    for (let before = '', more = true; more && !mine.stopped;) {
      const answer = await guarded(() => get(`/p/v1/messages?folder=${folder}${before}`));
      items.push(...answer.messages.map((m) => ({ ...m, folder })));
      more = answer.more && answer.messages.length > 0;
      if (more) before = `&before=${encodeURIComponent(answer.messages.at(-1).id)}`;
    }
  }
  return items;
}

async function blobsOf(item, sizes) {
  const fetchOne = (n) => guarded(() => getBlob(item.id, n, sizes.get(n) ?? 0));
  const bytes = await fetchOne(item.bodyBlob);
  const files = [];
  if (item.folder === 'inbox')
    for (const { blob } of item.attachments) files.push(await fetchOne(blob));
  return { bytes, files };
}

/** @returns {Promise<Uint8Array>} the next piece of the zip */
async function exportOne(listed) {
  const [item] = await app.vault.call('openItems', { items: [listed] });
  if (item.refused)
    throw Object.assign(new Error('refused'), { name: 'Refusal', code: item.refused });
  const whole = await guarded(() => get(`/p/v1/messages/${encodeURIComponent(listed.id)}`));
  const sizes = new Map((whole.blobs ?? []).map((b) => [b.n, b.size]));
  const { bytes } = await app.vault.call('archiveMessage', {
    id: listed.id,
    folder: t(`nav.${item.folder}`),
    subject: item.subject,
    date: item.date,
    ...(await blobsOf(item, sizes)),
  });
  return bytes;
}

function noteOf(failed) {
  return failed.length === 0
    ? null
    : `${t('export.note')}\r\n\r\n${failed.map((f) => `${f.id}: ${f.reason}`).join('\r\n')}\r\n`;
}

async function savePart(mine, pieces, last) {
  const { bytes } = await app.vault.call('endArchive', {
    name: t('export.note.name'),
    note: last ? noteOf(mine.failed) : null,
  });
  pieces.push(new Blob([bytes]));
  mine.parts++;
  const part = last && mine.parts === 1 ? '' : `-${mine.parts}`;
  const day = new Date().toISOString().slice(0, 10);
  saveFile(`webmail-${day}${part}.zip`, new Blob(pieces, { type: 'application/octet-stream' }));
}

/** Refused messages are noted and passed over; a lost connection or an ended session ends everything. */
async function collect(mine, items) {
  let pieces = [];
  let size = 0;
  await app.vault.call('beginArchive');
  for (const item of items) {
    if (mine.stopped) return;
    try {
      const bytes = await exportOne(item);
      pieces.push(new Blob([bytes]));
      size += bytes.length;
      mine.bytes += bytes.length;
    } catch (error) {
      // Refused, or deleted in this very minute because its time was up.
      if (error?.name !== 'Refusal' && error?.code !== 'not-found') throw error;
      mine.failed.push({ id: item.id, reason: sentenceFor(error) });
    }
    mine.done++;
    paint();
    if (size < PART || mine.done === mine.total) continue;
    await savePart(mine, pieces, false);
    pieces = [];
    size = 0;
    await app.vault.call('beginArchive');
  }
  if (!mine.stopped) await savePart(mine, pieces, true);
}

async function begin() {
  const mine = {
    stopped: false,
    done: 0,
    total: 0,
    bytes: 0,
    parts: 0,
    failed: [],
    state: 'running',
  };
  run = mine;
  paint();
  document.getElementById('export-cancel')?.focus();
  try {
    const items = await listAll(mine);
    mine.total = items.length;
    paint();
    await collect(mine, items);
    if (mine.stopped) return;
    mine.state = 'done';
  } catch (error) {
    if (mine.stopped) return;
    mine.state = 'failed';
    mine.reason = sentenceFor(error);
  }
  paint();
  document.getElementById('export-result')?.focus();
}

function cancel() {
  stopExport();
  paint();
  announce(t('export.cancelled'));
  document.getElementById('export-begin')?.focus();
}

function progressView({ done, total }) {
  const sentence = t('export.share', { done, total });
  return [
    h('p', { id: 'export-share', role: 'status' }, total === 0 ? t('export.listing') : sentence),
    h('progress', {
      max: String(Math.max(total, 1)),
      value: String(done),
      'aria-label': t('account.export'),
    }),
    button('export-cancel', t('cancel'), cancel, { kind: 'plain wide' }),
  ];
}

function resultView({ state, done, bytes, failed, reason }) {
  const counted = t('export.done', { count: done - failed.length, size: showSize(bytes) });
  return h(
    'div',
    { id: 'export-result', tabindex: '-1' },
    state === 'failed'
      ? notice('bad', reason, 'export-error')
      : notice('good', counted, 'export-done'),
    failed.length > 0 && notice('warn', t('export.failed', { count: failed.length })),
  );
}

function content() {
  if (run?.state === 'running') return progressView(run);
  return [
    run && resultView(run),
    button('export-begin', t(run ? 'export.again' : 'export.begin'), begin, {
      kind: 'primary wide',
      symbol: 'down',
    }),
  ].filter(Boolean);
}

function paint() {
  document.getElementById('export-place')?.replaceChildren(...content());
}

export async function renderExport(section) {
  return {
    ...section(
      'export',
      h('p', {}, t('export.what')),
      h('ul', { class: 'points' }, [h('li', {}, t('export.clear')), h('li', {}, t('export.open'))]),
      h('div', { id: 'export-place' }, content()),
      h('p', { class: 'links divided' }, link('/inbox', { id: 'export-back' }, t('back.inbox'))),
    ),
    leave: ({ same }) => same || stopExport(),
  };
}
