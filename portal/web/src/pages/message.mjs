// SPDX-License-Identifier: GPL-3.0-or-later
//
// One message: who wrote it and how that was checked, the text, the formatted version on request, the
// attachments as downloads. Shows nothing of a message that was refused but the reason.

import {
  announce,
  app,
  failedView,
  guarded,
  link,
  sentenceFor,
  stillThere,
  supportCard,
} from '../app.mjs';
import { ApiError, change, get, getBlob } from '../api.mjs';
import { button, h, icon, notice, own } from '../dom.mjs';
import { htmlFrame } from '../html-view.mjs';
import { showDate, showSize, t } from '../i18n.mjs';
import { saveFile } from '../save.mjs';

const sizesOf = (listed) => new Map((listed.blobs ?? []).map((b) => [b.n, b.size]));
const askFor = (id) => get(`/p/v1/messages/${encodeURIComponent(id)}`);

async function readBody(id, bytes) {
  const body = await app.vault.call('readBody', { id, bytes });
  app.opened.add(id);
  return body;
}

/** What nobody has listed: the manifest first, and meanwhile what is nearly always the body. */
async function openUnknown(id) {
  const [listed, first] = await Promise.all([askFor(id), getBlob(id, 0, 0).catch(() => null)]);
  const [item] = await app.vault.call('openItems', { items: [{ ...listed, id }] });
  if (item.refused) return { item };
  const bytes = item.bodyBlob === 0 && first ? first : await getBlob(id, item.bodyBlob, 0);
  return { item, body: await readBody(id, bytes), sizes: sizesOf(listed) };
}

/**
 * Fetches and opens one message: {item, body, sizes}; body is missing where the item was refused. What a list has
 * opened is not opened again: its manifest was checked, and the vault judges the body by that. Even of a text
 * that the vault has the server is asked: it may have been withdrawn, and the session may be over.
 */
export async function openMessage(id) {
  const item = app.items.get(id);
  if (!item) return openUnknown(id);
  if (app.opened.has(id)) {
    const [listed, body] = await Promise.all([askFor(id), app.vault.call('keptBody', { id })]);
    if (body) return { item, body, sizes: sizesOf(listed) };
  }
  return { item, body: await readBody(id, await getBlob(id, item.bodyBlob, 0)), sizes: new Map() };
}

/** When the page has nothing else to do, but within a second. */
function rest() {
  const { requestIdleCallback: idle } = window;
  return new Promise((resolve) => (idle ? idle(resolve, { timeout: 1000 }) : setTimeout(resolve)));
}

const AHEAD = 5; // messages
const SHORT = 64 * 1024; // bytes of text

/**
 * Opens the newest messages in the vault before anybody asks: the next press is most likely for one of them.
 * That is not reading: the server hears "read" when a message is shown. Spares those who pay for each byte.
 */
export async function openAhead(items) {
  const { saveData, effectiveType = '4g' } = navigator.connection ?? {};
  if (saveData || effectiveType !== '4g') return;
  const { box } = app;
  const wanted = items
    .slice(0, AHEAD)
    .filter((item) => !item.refused && item.bodySize <= SHORT && !app.opened.has(item.id));
  for (const item of wanted) {
    await rest();
    if (app.box !== box) return;
    try {
      const bytes = await getBlob(item.id, item.bodyBlob, 0);
      if (app.box === box) await readBody(item.id, bytes);
    } catch {
      return; // Whoever presses is told what is wrong.
    }
  }
}

async function download(item, file, sizes, node) {
  const label = node.querySelector('.download-state');
  const say = (text) => {
    label.textContent = text;
  };
  const stop = new AbortController();
  running.set(node, stop);
  try {
    const share = (s) => {
      stillThere();
      say(t('download.share', { percent: Math.floor(s * 100) }));
    };
    const whole = sizes.get(file.blob) ?? 0;
    const sealed =
      file.blob === null
        ? null
        : await guarded(() => getBlob(item.id, file.blob, whole, share, stop.signal));
    say(t('download.opening'));
    const { name, bytes } = await app.vault.call('readAttachment', {
      id: item.id,
      index: file.index,
      bytes: sealed,
    });
    saveFile(name, bytes);
    say(t('download.done'));
    announce(t('download.done'));
  } catch (error) {
    say(sentenceFor(error));
    announce(sentenceFor(error));
  } finally {
    running.delete(node);
  }
}

const running = new WeakMap(); // button of an attachment: what ends its download

/** A press begins the download; another one, while it runs, ends it. The second of a double click is neither. */
function press(event, item, file, sizes, node) {
  if (event.detail > 1) return;
  if (running.has(node)) running.get(node).abort();
  else download(item, file, sizes, node);
}

function attachmentList(item, files, sizes) {
  if (files.length === 0) return null;
  return h(
    'section',
    { class: 'files', 'aria-labelledby': 'files-head' },
    h('h2', { id: 'files-head' }, t('files.title', { count: files.length })),
    h('p', { class: 'hint' }, t('files.hint')),
    h(
      'ul',
      {},
      files.map((file) => {
        const node = h(
          'button',
          {
            type: 'button',
            class: 'file',
            'data-testid': 'attachment',
            'data-name': file.name,
            onclick: (event) => press(event, item, file, sizes, node),
          },
          icon('down'),
          h('span', { class: 'file-name' }, own(file.name)),
          h('span', { class: 'soft' }, showSize(file.size)),
          h('span', { class: 'download-state' }),
        );
        return h('li', {}, node);
      }),
    ),
  );
}

function signatureBox(item) {
  if (item.folder === 'sent') return notice('good', t('signature.own'), 'signature');
  const same = item.from.address === item.signer.address;
  return notice(
    'good',
    [
      h('p', {}, h('strong', {}, t('signature.good', { name: item.signer.name }))),
      h(
        'p',
        { class: 'soft' },
        same
          ? t('signature.detail', { address: item.signer.address })
          : t('signature.other', {
              name: item.from.name || item.from.address,
              signer: item.signer.name,
            }),
      ),
    ],
    'signature',
  );
}

function people(list) {
  return list.flatMap((p, i) => [
    i > 0 && ', ',
    p.name ? [own(p.name), ' (', own(p.address), ')'] : own(p.address),
  ]);
}

function facts(item) {
  const line = (id, label, content) => [h('dt', {}, label), h('dd', { id }, content)];
  return h(
    'dl',
    { class: 'facts' },
    line('message-from', t('message.from'), people([item.from])),
    line('message-to', t('message.to'), people(item.to)),
    item.cc.length > 0 && line('message-cc', t('message.cc'), people(item.cc)),
    line('message-date', t('message.date'), showDate(item.date)),
    line('message-expires', t('message.expires'), showDate(item.expires, false)),
  );
}

const CHUNK = 16_000; // characters

/** Long texts in pieces of whole lines, of which the browser lays out only those in sight. */
function textView(text) {
  const node = h('div', { class: 'message-text', id: 'message-text' });
  let at = 0;
  while (at < text.length) {
    const line = text.length - at > CHUNK ? text.indexOf('\n', at + CHUNK) : -1;
    const end = line < 0 ? text.length : line + 1;
    node.append(h('div', { class: 'chunk' }, text.slice(at, end)));
    at = end;
  }
  return node;
}

function bodyView(body) {
  const text = textView(
    body.text.trim() ? body.text : t(body.html ? 'message.html-only' : 'message.empty'),
  );
  if (!body.html) return text;
  const place = h('div', {}, text);
  const toggle = button(
    'message-toggle',
    t('html.show'),
    () => {
      const formatted = toggle.getAttribute('aria-pressed') !== 'true';
      toggle.setAttribute('aria-pressed', String(formatted));
      toggle.querySelector('span').textContent = t(formatted ? 'html.hide' : 'html.show');
      place.replaceChildren(formatted ? htmlFrame(body.html, t('html.title')) : text);
    },
    { kind: 'quiet' },
  );
  toggle.setAttribute('aria-pressed', 'false');
  return h(
    'div',
    {},
    place,
    h('p', { class: 'hint beside' }, toggle, h('span', {}, t('html.hint'))),
  );
}

/** The browser says "read" only after the body decrypted; a failure to say so is no reason to hide the text. */
function report(item) {
  if (item.folder !== 'inbox' || item.read) return;
  const done = () => {
    item.read = true;
  };
  change('POST', `/p/v1/messages/${item.id}/read`).then(done, () => {});
}

function view(item, body, sizes) {
  const files = body.attachments ?? item.attachments;
  const back = item.folder === 'sent' ? '/sent' : '/inbox';
  const reply =
    item.folder === 'inbox' &&
    link(
      `/compose?reply=${item.id}`,
      { class: 'button primary', id: 'reply' },
      icon('reply'),
      h('span', {}, t('message.reply')),
    );
  return h(
    'article',
    { class: 'wide message', id: 'message' },
    link(back, { class: 'back', id: 'back' }, t(`back.${item.folder}`)),
    h('h1', { id: 'message-subject', dir: 'auto' }, item.subject || t('subject.none')),
    signatureBox(item),
    facts(item),
    bodyView(body),
    attachmentList(item, files, sizes),
    h('div', { class: 'actions' }, reply),
  );
}

function refusedView(reason) {
  return h(
    'div',
    { class: 'wide', id: 'message-refused' },
    link('/inbox', { class: 'back', id: 'back' }, t('back.inbox')),
    h('h1', {}, t('list.refused')),
    notice('bad', [h('p', { id: 'refused-reason' }, reason), h('p', {}, t('refused.what'))]),
    supportCard(),
  );
}

function goneView() {
  return h(
    'div',
    { class: 'wide', id: 'message-refused' },
    link('/inbox', { class: 'back', id: 'back' }, t('back.inbox')),
    h('h1', {}, t('message.gone.title')),
    notice('info', h('p', { id: 'refused-reason' }, t('message.gone'))),
    supportCard(),
  );
}

async function render({ parts: [id] }) {
  try {
    const { item, body, sizes } = await guarded(() => openMessage(id));
    if (item.refused)
      return { title: t('list.refused'), node: refusedView(t(`refused.${item.refused}`)) };
    report(item);
    return { title: item.subject || t('subject.none'), node: view(item, body, sizes) };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not-found')
      return { title: t('message.gone.title'), node: goneView() };
    // What was refused is named as such; a lost connection is no fault of the message.
    if (error?.name !== 'Refusal') return failedView(t('message.failed'), error);
    return { title: t('list.refused'), node: refusedView(sentenceFor(error)) };
  }
}

export const messagePage = {
  name: 'message',
  match: /^\/message\/([0-9a-f-]{36})$/,
  needsLogin: true,
  render,
};
