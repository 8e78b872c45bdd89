// SPDX-License-Identifier: GPL-3.0-or-later
//
// A reply or a new message to the office. Saved while it is written, sealed in the vault, sent once: the
// message's id is chosen at the first letter, so a second try after an interruption is the same message.

import { announce, app, failedView, guarded, link, navigate, sentenceFor, tell } from '../app.mjs';
import { button, chosenInFull, field, fieldError, h, notice, own } from '../dom.mjs';
import { Autosave, deleteDraft, loadDraft } from '../drafts.mjs';
import { showDate, showTime, t } from '../i18n.mjs';
import { uuidv7 } from '../lib/bytes.mjs';
import { chosenFiles, expectFiles, fileField, fileNames, paintFiles } from './compose-files.mjs';
import { send } from './compose-send.mjs';
import { openMessage } from './message.mjs';

/**
 * What is being written: {draft, autosave, files, sealed, stop}; `stop`: the AbortController of the sending that
 * is under way, or null. Ends with the lock, on whatever page that is.
 */
let writing = null;

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
    attached: [],
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
    attached: [],
  };
}

const begun = (draft) => ({
  draft,
  autosave: new Autosave(draft, (state) => saveState(draft, state)),
  files: [],
  sealed: null,
  stop: null,
});

const isShown = (draft) =>
  writing?.draft === draft && document.getElementById('compose-form') !== null;

function saveState(draft, state) {
  if (!isShown(draft)) return;
  const place = document.getElementById('draft-state');
  place.dataset.state = state;
  place.textContent = t(`draft.${state}`, { time: showTime(Date.now()) });
  // From now on the address names the draft: loading the page anew comes back to what was written.
  if (state === 'saved') history.replaceState(null, '', `/compose?draft=${draft.id}`);
}

function changed() {
  const { draft } = writing;
  const now = {
    to: document.getElementById('compose-to').value,
    subject: document.getElementById('compose-subject').value,
    text: document.getElementById('compose-text').value,
    attached: fileNames(),
  };
  if (Object.keys(now).every((name) => String(now[name]) === String(draft[name] ?? []))) return;
  Object.assign(draft, now);
  writing.sealed = null;
  writing.autosave.touch();
}

/** While it is sent nothing changes: what arrives is what was there at the press. */
function hold(held) {
  const form = document.getElementById('compose-form');
  for (const element of form?.elements ?? [])
    if (element.id !== 'compose-cancel') element.disabled = held;
}

/** The sentence changes, the button stays: it would lose the focus. */
function showSending(sentence, final = false) {
  const place = document.getElementById('compose-status');
  if (final) document.getElementById('compose-cancel')?.remove();
  const said = document.getElementById('compose-sending');
  if (said) {
    said.textContent = sentence;
    return;
  }
  const { stop } = writing;
  place?.replaceChildren(
    h(
      'div',
      { class: 'busy' },
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      h('span', { id: 'compose-sending' }, sentence),
      !final && button('compose-cancel', t('cancel'), () => stop.abort(), { kind: 'quiet small' }),
    ),
  );
}

function isComplete({ subject, text }) {
  fieldError('compose-subject', subject.trim() ? null : t('subject.missing'));
  if (!subject.trim()) return false;
  fieldError('compose-text', text.trim() ? null : t('text.missing'));
  return text.trim() !== '';
}

async function onSubmit(event) {
  event.preventDefault();
  const mine = writing;
  if (mine.stop) return;
  changed();
  if (!isComplete(mine.draft)) return;
  mine.stop = new AbortController();
  mine.files = chosenFiles();
  hold(true);
  try {
    await send(mine, (...said) => isShown(mine.draft) && showSending(...said));
    mine.stop = null;
    const here = isShown(mine.draft);
    if (writing === mine) forget();
    if (here) await navigate('/compose/sent', true);
    else if (app.box) tell(notice('good', t('send.done'), 'compose-done'));
  } catch (error) {
    mine.stop = null;
    notSent(mine, error);
  }
}

function notSent({ draft }, error) {
  const cancelled = error?.code === 'cancelled';
  const sentence =
    error?.name === 'FileGone' ? t('files.gone', { name: error.file }) : sentenceFor(error);
  const said = cancelled
    ? notice('info', t('send.cancelled'), 'compose-cancelled')
    : notice('bad', [h('p', {}, sentence), h('p', {}, t('send.kept'))], 'compose-error');
  if (!isShown(draft)) {
    const back = link(`/compose?draft=${draft.id}`, {}, own(draft.subject));
    if (app.box) tell(notice('bad', [h('p', {}, t('send.failed')), h('p', {}, back)], 'send-failed'));
    return;
  }
  document.getElementById('compose-status').replaceChildren(said);
  hold(false);
  if (!cancelled) return;
  announce(t('send.cancelled'));
  document.getElementById('compose-send').focus();
}

function forget() {
  writing = null;
  expectFiles();
}

/** "Delete" stands beside "send": one more press brings it back, until the next page is opened. */
async function discard() {
  const { draft, autosave } = writing;
  await autosave.end();
  await guarded(() => deleteDraft(draft.id)).catch(() => {});
  writing = null;
  await navigate('/inbox', true);
  announce(t('draft.discarded'));
  const undo = async () => {
    writing = begun(draft);
    await navigate(`/compose?draft=${draft.id}`, true);
    writing.autosave.touch();
  };
  tell(
    notice(
      'info',
      [
        h('p', {}, t('draft.discarded')),
        button('draft-undo', t('draft.undo'), undo, { kind: 'quiet small' }),
      ],
      'draft-discarded',
    ),
  );
}

function recipients() {
  const option = (value, label) => h('option', { value, selected: value === writing.draft.to }, label);
  return h(
    'select',
    {},
    option('office', t('compose.office', { office: app.office?.name ?? '' })),
    app.box.staff.map(({ address, name }) => option(address, `${name} (${address})`)),
  );
}

function form(title) {
  const { draft } = writing;
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
    fileField(changed),
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

/** Whether the address means what is being written already. */
function isSame(query) {
  const draft = writing?.draft;
  if (!draft) return false;
  if (query.get('draft')) return query.get('draft') === draft.id;
  if (query.get('reply')) return query.get('reply') === draft.reply;
  return draft.reply === null && draft.text + draft.subject === '';
}

function mounted() {
  paintFiles();
  window.addEventListener('beforeunload', askBeforeLoss);
  if (!writing.stop) return;
  hold(true);
  showSending(t('loading'));
}

function leave() {
  window.removeEventListener('beforeunload', askBeforeLoss);
  writing?.autosave.flush();
}

/** The browser asks whether to leave while there is something that only this page has. */
function askBeforeLoss(event) {
  if (chosenFiles().length > 0 || writing?.autosave.isUnsaved()) event.preventDefault();
}

async function render({ query, stale }) {
  if (!isSame(query)) {
    const title = t(query.get('reply') ? 'compose.reply' : 'compose.new');
    try {
      const next = await guarded(() => freshDraft(query));
      if (stale()) return { title, node: h('div') };
      forget();
      writing = begun(next);
      expectFiles(next.attached);
    } catch (error) {
      return failedView(title, error, 'compose-error');
    }
  }
  const { draft } = writing;
  const title = t(draft.reply ? 'compose.reply' : 'compose.new');
  return { title, node: form(title), focus: draft.reply ? 'compose-text' : null, mounted, leave };
}

/** Called before the keys are wiped: the draft is sealed and handed over, and the page comes back to it. */
async function beforeLock() {
  const mine = writing;
  forget();
  if (!mine) return;
  mine.stop?.abort();
  const { id, subject, text } = mine.draft;
  if (window.location.pathname === '/compose' && subject + text !== '')
    history.replaceState(null, '', `/compose?draft=${id}`);
  await mine.autosave.flush();
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
