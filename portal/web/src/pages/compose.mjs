// SPDX-License-Identifier: GPL-3.0-or-later
//
// A reply or a new message to the office. Saved while it is written, sealed in the vault, sent once: the
// message's id is chosen at the first letter, so a second try after an interruption is the same message.

import { announce, app, assertSameSession, guarded, link, navigate, sentenceFor } from '../app.mjs';
import { ApiError, change, upload } from '../api.mjs';
import { button, chosenInFull, field, fieldError, h, icon, notice, own } from '../dom.mjs';
import { Autosave, deleteDraft, loadDraft } from '../drafts.mjs';
import { showDate, showLimit, showSize, showTime, t } from '../i18n.mjs';
import { uuidv7 } from '../lib/bytes.mjs';
import { safeFileName } from '../lib/text.mjs';
import { openMessage } from './message.mjs';

let draft = null; // what is being written
let files = []; // File objects: only this page has them
let autosave = null;
let sealed = null; // {manifest, blob, sha256, upload}: kept for a second try
let stop = null; // AbortController of the sending that is under way

const QUOTE = 20_000; // characters; a draft may have 1 MiB, and nobody reads a longer quotation

function quoted(item, body) {
  const name = item.from.name || item.from.address;
  const intro = t('compose.quote', { date: showDate(item.date), name });
  const text = body.text.trimEnd();
  const lines = text.slice(0, QUOTE).split('\n');
  if (text.length > QUOTE) lines.push('[…]');
  return `\n\n${intro}\n${lines.map((line) => `> ${line}`).join('\n')}\n`;
}

async function draftOfReply(id) {
  const { item, body } = await openMessage(id);
  if (item.refused) throw new Error('refused');
  const author = [item.from.address, item.signer.address].find((a) =>
    app.box.staff.some((s) => s.address === a),
  );
  const subject = /^(re|aw):/i.test(item.subject) ? item.subject : `Re: ${item.subject}`;
  const references = [...item.references, item.messageId].filter(Boolean).slice(-50);
  return {
    id: uuidv7(),
    to: author ?? 'office',
    subject,
    text: quoted(item, body),
    inReplyTo: item.messageId,
    references,
    reply: id,
  };
}

async function freshDraft(query) {
  if (query.get('draft')) return loadDraft(query.get('draft'));
  if (query.get('reply')) return draftOfReply(query.get('reply'));
  return {
    id: uuidv7(),
    to: 'office',
    subject: '',
    text: '',
    inReplyTo: null,
    references: [],
    reply: null,
  };
}

function saveState(state) {
  const place = document.getElementById('draft-state');
  if (!place) return;
  place.dataset.state = state;
  place.textContent = t(`draft.${state}`, {
    time: showTime(Date.now()),
  });
}

function changed() {
  draft.to = document.getElementById('compose-to').value;
  draft.subject = document.getElementById('compose-subject').value;
  draft.text = document.getElementById('compose-text').value;
  sealed = null;
  autosave.touch();
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
  sealed = null;
  paintFiles();
  fieldError('compose-file', problems.join(' ') || null, false);
  announce(t('files.count', { count: files.length }));
}

function paintFiles() {
  const list = document.getElementById('compose-files');
  list.replaceChildren(
    ...files.map((file, i) =>
      h(
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
            onclick: () => {
              files.splice(i, 1);
              sealed = null;
              paintFiles();
              document.getElementById('compose-file').focus();
            },
          },
          t('files.remove.short'),
        ),
      ),
    ),
  );
}

/** The sentence changes, the button stays: it would lose the focus. */
function showSending(text) {
  const place = document.getElementById('compose-status');
  const said = document.getElementById('compose-sending');
  if (said) {
    said.textContent = text;
    return;
  }
  place.replaceChildren(
    h(
      'div',
      { class: 'busy' },
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      h('span', { id: 'compose-sending' }, text),
      button('compose-cancel', t('cancel'), () => stop?.abort(), { kind: 'quiet small' }),
    ),
  );
}

async function seal() {
  if (sealed) return;
  showSending(t('send.sealing'));
  announce(t('send.sealing'));
  const attachments = await Promise.all(
    files.map(async (file) => ({
      name: file.name,
      type: file.type,
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
  sealed = { ...(await app.vault.call('seal', { mail: { ...draft, attachments } })), upload: null };
}

async function deliver() {
  const { signal } = stop;
  if (signal.aborted) throw new ApiError('cancelled');
  const share = (s) => showSending(t('send.share', { percent: Math.round(s * 100) }));
  sealed.upload ??= await upload(sealed.blob, share, signal);
  if (signal.aborted) throw new ApiError('cancelled');
  // From here on it may have arrived, whatever happens: no promise to stop it.
  document.getElementById('compose-cancel')?.remove();
  const body = {
    to: draft.to,
    manifest: sealed.manifest,
    in_reply_to: draft.inReplyTo,
    references: draft.references,
    blobs: [{ upload: sealed.upload, size: sealed.blob.length, sha256: sealed.sha256 }],
  };
  try {
    await change('PUT', `/p/v1/messages/${draft.id}`, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'conflict') throw error;
    if (!(await arrivedBefore())) await deliverAnew();
  }
}

/**
 * The same id with another body: an earlier try has arrived after all, and its answer was lost. Was it
 * this message, or has it been changed since? The sent folder knows.
 */
async function arrivedBefore() {
  const { item, body } = await openMessage(draft.id);
  if (item.refused) return false;
  const names = (list) => list.map((file) => file.name).join('\n');
  const plain = (text) => text.replace(/\r\n?/g, '\n').trimEnd();
  return (
    item.subject === draft.subject.trim() &&
    plain(body.text) === plain(draft.text) &&
    names(body.attachments) === names(files.map((file) => ({ name: safeFileName(file.name) })))
  );
}

/** What was changed after a try that arrived is another message, and goes out as one. */
async function deliverAnew() {
  await autosave.end();
  await deleteDraft(draft.id);
  draft.id = uuidv7();
  sealed = null;
  await seal();
  await deliver();
}

async function onSubmit(event) {
  event.preventDefault();
  changed();
  fieldError('compose-subject', draft.subject.trim() ? null : t('subject.missing'));
  if (!draft.subject.trim()) return;
  fieldError('compose-text', draft.text.trim() ? null : t('text.missing'));
  if (!draft.text.trim()) return;
  const submit = document.getElementById('compose-send');
  submit.disabled = true;
  stop = new AbortController();
  try {
    await seal();
    await guarded(assertSameSession);
    await guarded(deliver);
    await autosave.end();
    await deleteDraft(draft.id).catch(() => {});
    forget();
    await navigate('/compose/sent', true);
  } catch (error) {
    const said =
      error?.code === 'cancelled'
        ? notice('info', t('send.cancelled'), 'compose-cancelled')
        : notice(
            'bad',
            [h('p', {}, sentenceFor(error)), h('p', {}, t('send.kept'))],
            'compose-error',
          );
    document.getElementById('compose-status')?.replaceChildren(said);
    submit.disabled = false;
    if (error?.code === 'cancelled') {
      announce(t('send.cancelled'));
      submit.focus();
    }
  }
}

function forget() {
  draft = null;
  files = [];
  sealed = null;
  autosave = null;
}

async function discard() {
  const { id } = draft;
  await autosave.end();
  forget();
  await guarded(() => deleteDraft(id)).catch(() => {});
  await navigate('/inbox', true);
  announce(t('draft.discarded'));
}

function recipients() {
  const option = (value, label) => h('option', { value, selected: value === draft.to }, label);
  return h(
    'select',
    {},
    option('office', t('compose.office', { office: app.office?.name ?? '' })),
    app.box.staff.map(({ address, name }) => option(address, `${name} (${address})`)),
  );
}

function fileField() {
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
  return node;
}

function form(title) {
  const subject = h('input', {
    type: 'text',
    required: true,
    maxlength: '300',
    value: draft.subject,
    autocomplete: 'off',
    dir: 'auto',
  });
  const to = recipients();
  const text = h('textarea', { rows: '14', required: true });
  text.value = draft.text;
  // Above what is quoted, where people write.
  text.setSelectionRange(0, 0);
  const node = h(
    'form',
    {
      class: 'wide compose',
      id: 'compose-form',
      onsubmit: onSubmit,
      oninput: (e) => e.target.type !== 'file' && changed(),
      novalidate: true,
    },
    h('h1', {}, title),
    notice('info', t('compose.sealed')),
    field({ id: 'compose-to', label: t('message.to'), input: to, after: chosenInFull(to) }),
    field({ id: 'compose-subject', label: t('subject.label'), input: subject }),
    field({ id: 'compose-text', label: t('text.label'), input: text }),
    fileField(),
    h('p', { class: 'draft-state', id: 'draft-state', role: 'status' }),
    h('div', { id: 'compose-status', 'aria-live': 'polite' }),
    h(
      'div',
      { class: 'actions' },
      button('compose-send', t('send.submit'), null, {
        kind: 'primary',
        type: 'submit',
        symbol: 'lock',
      }),
      button('compose-discard', t('draft.discard'), discard, { kind: 'quiet' }),
    ),
  );
  return node;
}

async function render({ query, stale }) {
  const same =
    draft &&
    (query.get('draft') === draft.id ||
      (query.get('reply') && query.get('reply') === draft.reply) ||
      (!query.get('draft') &&
        !query.get('reply') &&
        draft.reply === null &&
        draft.text + draft.subject === ''));
  const title = t(query.get('reply') || draft?.reply ? 'compose.reply' : 'compose.new');
  if (!same) {
    try {
      const next = await guarded(() => freshDraft(query));
      if (stale()) return { title, node: h('div') };
      forget();
      draft = next;
    } catch (error) {
      return {
        title,
        node: h(
          'div',
          { class: 'wide' },
          h('h1', {}, title),
          notice('bad', sentenceFor(error), 'compose-error'),
        ),
      };
    }
  }
  autosave = new Autosave(draft, saveState);
  const node = form(t(draft.reply ? 'compose.reply' : 'compose.new'));
  // The address names the draft, so that locking and reloading come back to it.
  history.replaceState(
    null,
    '',
    draft.reply && !query.get('draft')
      ? `/compose?reply=${draft.reply}`
      : `/compose${query.get('draft') ? `?draft=${draft.id}` : ''}`,
  );
  const mine = autosave;
  return {
    title,
    node,
    focus: draft.reply ? 'compose-text' : null,
    mounted: paintFiles,
    leave: () => {
      mine.flush();
    },
  };
}

/** Called before the keys are wiped: the draft is sealed and handed over, and the page comes back to it. */
async function beforeLock() {
  if (!draft || !autosave) return;
  await autosave.flush();
  const { id } = draft;
  const written = draft.subject + draft.text !== '';
  forget();
  if (written) history.replaceState(null, '', `/compose?draft=${id}`);
}

async function renderSent() {
  return {
    title: t('send.done'),
    node: h(
      'div',
      { class: 'narrow' },
      h(
        'section',
        { class: 'card', id: 'compose-done' },
        h('h1', {}, t('send.done')),
        notice('good', t('send.done.detail', { office: app.office?.name ?? t('why.office') })),
        h(
          'div',
          { class: 'actions' },
          link(
            '/inbox',
            { class: 'button primary', id: 'done-inbox' },
            h('span', {}, t('nav.inbox')),
          ),
          link('/sent', { class: 'button quiet', id: 'done-sent' }, h('span', {}, t('nav.sent'))),
        ),
      ),
    ),
  };
}

export const composePage = {
  name: 'compose',
  match: /^\/compose$/,
  needsLogin: true,
  render,
  beforeLock,
};
export const composeDonePage = {
  name: 'compose-done',
  match: /^\/compose\/sent$/,
  needsLogin: true,
  render: renderSent,
};
