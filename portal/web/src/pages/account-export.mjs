// SPDX-License-Identifier: GPL-3.0-or-later
//
// All mail as files. Fetched, judged and opened message by message; a message that is refused is not in the
// file, and a text beside the mails says so. No more than one message and one part is ever held: what is large
// goes straight into a file that the customer chose (File System Access), or comes in parts, each a zip of its
// own, with a press between two of them (browsers stop a page that saves one file after the other by itself).

import { announce, app, guarded, link, sentenceFor } from '../app.mjs';
import { get, getBlob } from '../api.mjs';
import { button, h, notice } from '../dom.mjs';
import { showSize, t } from '../i18n.mjs';
import { saveFile } from '../save.mjs';

const ONE_FILE = 3e9; // bytes: zip without extensions ends at 4 GB
const SHARE = 64e6; // bytes of a part for each GB of memory that the browser tells of
const FOLDERS = ['inbox', 'sent'];

/**
 * The export that is under way, or its end: {state, way: 'parts'|'file', stopped, done, total, expected, bytes,
 * saved, failed: [{id, reason}], sink, go}. `go` ends a pause: it takes the sink of the next part, or null to stop.
 */
let run = null;

export function stopExport() {
  const mine = run;
  run = null;
  if (!mine) return;
  mine.stopped = true;
  mine.sink?.abort();
  mine.go?.(null);
}

function partSize() {
  return (navigator.deviceMemory ?? 3) * SHARE;
}

function nameOf(mine) {
  const day = new Date().toISOString().slice(0, 10);
  const whole = mine.saved === 0 && (mine.way === 'file' || mine.expected <= partSize());
  return `webmail-${day}${whole ? '' : `-${mine.saved + 1}`}.zip`;
}

/** A part that is saved as a download when it is full. Pieces are Blobs, which browsers put on their disk. */
function downloadSink(mine) {
  const name = nameOf(mine);
  let pieces = [];
  return {
    write: async (bytes) => pieces.push(new Blob([bytes])),
    close: async () =>
      saveFile(name, new Blob(pieces, { type: 'application/octet-stream' })),
    abort: () => {
      pieces = [];
    },
  };
}

/** A file of the customer's choice, written while more comes. Must be asked for in the moment of a press. */
async function chosenFile(mine) {
  const handle = await window.showSaveFilePicker({ suggestedName: nameOf(mine) });
  const stream = await handle.createWritable();
  return {
    write: (bytes) => stream.write(bytes),
    close: () => stream.close(),
    abort: () => stream.abort().catch(() => {}),
  };
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

async function finishPart(mine, last) {
  const { bytes } = await app.vault.call('endArchive', {
    name: t('export.note.name'),
    note: last ? noteOf(mine.failed) : null,
  });
  if (mine.stopped) return;
  await mine.sink.write(bytes);
  await mine.sink.close();
  mine.sink = null;
  mine.saved++;
}

/** Waits for a press: the page stands still, nothing is held. @returns {Promise<boolean>} whether to go on */
async function pause(mine, state) {
  mine.state = state;
  paint();
  document.getElementById(`export-${state}-text`)?.focus();
  mine.sink = await new Promise((resolve) => {
    mine.go = resolve;
  });
  mine.go = null;
  if (mine.stopped || !mine.sink) return false;
  mine.state = 'running';
  paint();
  document.getElementById('export-cancel')?.focus();
  return true;
}

/** Refused messages are noted and passed over; a lost connection or an ended session ends everything. */
async function addOne(mine, item) {
  try {
    const bytes = await exportOne(item);
    if (!mine.stopped) await mine.sink.write(bytes);
    mine.bytes += bytes.length;
    return bytes.length;
  } catch (error) {
    // Refused, or deleted in this very minute because its time was up.
    if (error?.name !== 'Refusal' && error?.code !== 'not-found') throw error;
    mine.failed.push({ id: item.id, reason: sentenceFor(error) });
    return 0;
  }
}

async function collect(mine, items) {
  const most = mine.way === 'file' ? ONE_FILE : partSize();
  let size = 0;
  await app.vault.call('beginArchive');
  for (const item of items) {
    if (mine.stopped) return;
    size += await addOne(mine, item);
    mine.done++;
    paint();
    if (size < most || mine.done === mine.total) continue;
    await finishPart(mine, false);
    if (mine.stopped || !(await pause(mine, 'pause'))) return;
    size = 0;
    await app.vault.call('beginArchive');
  }
  if (!mine.stopped) await finishPart(mine, true);
}

async function whole(mine) {
  const items = await listAll(mine);
  if (mine.stopped) return;
  mine.total = items.length;
  mine.expected = items.reduce((sum, item) => sum + (item.size ?? 0), 0);
  paint();
  if (mine.expected > partSize()) {
    if (!(await pause(mine, 'choose'))) return;
  } else {
    mine.sink = downloadSink(mine);
  }
  await collect(mine, items);
  if (!mine.stopped) mine.state = 'done';
}

async function begin() {
  const mine = {
    ...{ state: 'running', way: 'parts', stopped: false, done: 0, total: 0, expected: 0 },
    ...{ bytes: 0, saved: 0, failed: [], sink: null, go: null },
  };
  run = mine;
  paint();
  document.getElementById('export-cancel')?.focus();
  try {
    await whole(mine);
  } catch (error) {
    mine.sink?.abort();
    mine.state = 'failed';
    // What the browser says of a full disk or a file taken away has a name of its own.
    mine.reason = error instanceof DOMException ? t('export.disk') : sentenceFor(error);
  }
  if (mine.stopped) return;
  paint();
  document.getElementById('export-result')?.focus();
}

/** The press that begins a part. A file dialog that was closed changes nothing: the buttons are still there. */
async function goOn(mine, way) {
  mine.way = way;
  if (way === 'parts') {
    mine.go(downloadSink(mine));
    return;
  }
  try {
    const sink = await chosenFile(mine);
    if (mine.go) mine.go(sink);
    else sink.abort();
  } catch (error) {
    if (error?.name !== 'AbortError' && mine.go) goOn(mine, 'parts');
  }
}

function cancel() {
  const kept = run?.saved > 0;
  stopExport();
  paint();
  announce(t(kept ? 'export.cancelled.kept' : 'export.cancelled'));
  document.getElementById('export-begin')?.focus();
}

/** Large: into a file where the browser can, else in parts. */
function chooseView(mine) {
  const size = showSize(mine.expected);
  const can = typeof window.showSaveFilePicker === 'function';
  return [
    h(
      'p',
      { id: 'export-choose-text', tabindex: '-1' },
      t(can ? 'export.choose' : 'export.parts', { size }),
    ),
    can &&
      button('export-file', t('export.choose.file'), () => goOn(mine, 'file'), {
        kind: 'primary wide',
        symbol: 'down',
      }),
    button(
      'export-parts',
      t(can ? 'export.choose.parts' : 'export.begin'),
      () => goOn(mine, 'parts'),
      { kind: can ? 'plain wide' : 'primary wide', symbol: 'down' },
    ),
    button('export-cancel', t('cancel'), cancel, { kind: 'plain wide' }),
  ];
}

function pauseView(mine) {
  return [
    h(
      'p',
      { id: 'export-pause-text', tabindex: '-1' },
      t('export.pause', { part: mine.saved, count: mine.total - mine.done }),
    ),
    button('export-next', t('export.next', { part: mine.saved + 1 }), () => goOn(mine, mine.way), {
      kind: 'primary wide',
      symbol: 'down',
    }),
    button('export-cancel', t('cancel'), cancel, { kind: 'plain wide' }),
  ];
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

function resultView({ state, way, done, bytes, failed, reason, saved }) {
  const counted = { count: done - failed.length, size: showSize(bytes), files: saved };
  const key = saved > 1 ? 'export.done.files' : way === 'file' ? 'export.done.file' : 'export.done';
  return h(
    'div',
    { id: 'export-result', tabindex: '-1' },
    state === 'failed'
      ? notice('bad', reason, 'export-error')
      : notice('good', t(key, counted), 'export-done'),
    failed.length > 0 && notice('warn', t('export.failed', { count: failed.length })),
  );
}

function content() {
  const views = { running: progressView, choose: chooseView, pause: pauseView };
  if (run && views[run.state]) return views[run.state](run).filter(Boolean);
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
