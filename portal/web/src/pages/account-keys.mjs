// SPDX-License-Identifier: GPL-3.0-or-later
//
// Keys: the customer's own, to be used instead of this portal, and the office's, to be taken away. Whether a
// file is a key is found out in the vault, before anything is sent; what leaves is signed there.

import { announce, app, guarded, sentenceFor, supportCard } from '../app.mjs';
import { change, get } from '../api.mjs';
import { statusPlace, working } from '../choose.mjs';
import { button, field, fieldError, h, icon, notice, own } from '../dom.mjs';
import { showDate, t } from '../i18n.mjs';
import { saveFile } from '../save.mjs';

const MAX_KEYS = 5;

/** Fingerprints are compared by people: groups of four. */
const groups = (fingerprint) => fingerprint.toUpperCase().replace(/(....)(?=.)/g, '$1 ');

function facts(key) {
  const line = (label, content) => [h('dt', {}, label), h('dd', {}, content)];
  const ends = key.expires === null ? t('keys.expires.never') : showDate(key.expires, false);
  return h(
    'dl',
    { class: 'facts' },
    line(t('keys.kind'), t(`keys.kind.${key.kind}`)),
    key.names.length > 0 && line(t('keys.names'), key.names.join(', ')),
    line(t('keys.addresses'), key.addresses.join(', ') || t('keys.addresses.none')),
    line(t('keys.expires'), ends),
    line(t('keys.fingerprint'), h('span', { class: 'print' }, groups(key.fingerprint))),
  );
}

const isOver = (key) => key.expires !== null && key.expires * 1000 <= Date.now();

function warnings(key) {
  return [
    isOver(key) && notice('warn', t('keys.expired'), 'key-expired'),
    !key.mentions &&
      notice('warn', t('keys.stranger', { address: app.box.address }), 'key-mentions'),
  ];
}

function keyRow(key, entry, reload) {
  const confirm = async (event) => {
    event.currentTarget.disabled = true;
    try {
      const { id, ...body } = await app.vault.call('confirmKey', { entry });
      await guarded(() => change('PUT', `/p/v1/keys/${id}`, body));
      await reload(t('keys.confirmed'));
    } catch (error) {
      await reload(sentenceFor(error));
    }
  };
  const remove = async (event) => {
    event.currentTarget.disabled = true;
    try {
      await guarded(() => change('DELETE', `/p/v1/keys/${encodeURIComponent(key.id)}`));
      await reload(t('keys.removed'));
    } catch (error) {
      await reload(sentenceFor(error));
    }
  };
  return h(
    'li',
    { class: 'entry tall', 'data-testid': 'key', 'data-id': key.id },
    key.foreign
      ? notice('bad', [h('p', {}, t('keys.foreign')), supportCard()])
      : [
          key.former && notice('warn', t('keys.former'), 'key-former'),
          warnings(key),
          facts(key),
        ],
    h('p', { class: 'row-sub' }, t('keys.deposited', { date: showDate(key.deposited) })),
    key.former &&
      !key.foreign &&
      !isOver(key) &&
      h(
        'button',
        { type: 'button', class: 'button small', 'data-testid': 'key-confirm', onclick: confirm },
        t('keys.confirm'),
      ),
    h(
      'button',
      { type: 'button', class: 'button small plain', 'data-testid': 'key-remove', onclick: remove },
      t('keys.remove'),
    ),
  );
}

async function keyList(reload) {
  const { keys } = await guarded(() => get('/p/v1/keys'));
  const described = await app.vault.call('describeKeys', { keys });
  if (described.length === 0) return [h('p', { id: 'keys-none' }, t('keys.none'))];
  return [
    h(
      'ul',
      { class: 'entries', id: 'keys-list' },
      described.map((key, i) => keyRow(key, keys[i], reload)),
    ),
    described.length >= MAX_KEYS && h('p', { class: 'soft' }, t('keys.full', { most: MAX_KEYS })),
  ];
}

/** What the vault found, to be looked at before it is sent. */
function proposal(found, data, reload, close) {
  const deposit = async () => {
    const done = await working('keys', 'key-deposit', t('keys.signing'), async (say) => {
      const { id, ...body } = await app.vault.call('depositKey', { data });
      say(t('working.send'));
      await guarded(() => change('PUT', `/p/v1/keys/${id}`, body));
    });
    if (!done) return;
    close();
    await reload(t('keys.done'));
  };
  return h(
    'div',
    { class: 'proposal', id: 'key-proposal' },
    h('h3', { tabindex: '-1' }, t('keys.found')),
    warnings(found),
    facts(found),
    h(
      'div',
      { class: 'actions' },
      button('key-deposit', t('keys.deposit'), deposit, { kind: 'primary' }),
      button('key-cancel', t('cancel'), close),
    ),
  );
}

function depositForm(reload) {
  const place = h('div', {});
  const file = h('input', { type: 'file', class: 'aloud' });
  const named = h('p', { class: 'chosen-name', id: 'key-file-name', role: 'status' });
  const showName = () => named.replaceChildren(file.files[0] ? own(file.files[0].name) : '');
  file.addEventListener('change', showName);
  const text = h('textarea', {
    rows: '5',
    spellcheck: 'false',
    autocomplete: 'off',
    class: 'key-text',
  });
  const empty = () => {
    text.value = '';
    file.value = '';
    showName();
  };
  const close = () => {
    place.replaceChildren();
    document.getElementById('keys-status').replaceChildren();
    empty();
  };
  const submit = async (event) => {
    event.preventDefault();
    place.replaceChildren();
    const chosen = file.files[0];
    const missing = !chosen && !text.value.trim();
    fieldError('key-text', missing ? t('keys.missing') : null);
    if (missing) return;
    const check = async () => {
      const data = chosen ? new Uint8Array(await chosen.arrayBuffer()) : text.value;
      const found = await app.vault.call('inspectKey', { data });
      place.replaceChildren(proposal(found, data, reload, close));
      place.querySelector('h3').focus();
    };
    await working('keys', 'key-check', t('keys.checking'), check, (error) => {
      // A secret key does not stay on the screen for others to see.
      if (error?.code === 'key-private') empty();
      return sentenceFor(error);
    });
  };
  const fileField = field({
    id: 'key-file',
    label: t('keys.file'),
    hint: t('keys.file.hint'),
    input: file,
    after: named,
  });
  // The label is the button: what browsers write beside a bare file field is in the language of the browser.
  fileField.classList.add('file-field');
  return [
    h(
      'form',
      { id: 'key-form', onsubmit: submit, novalidate: true },
      fileField,
      field({ id: 'key-text', label: t('keys.text'), input: text }),
      button('key-check', t('keys.check'), null, { kind: 'quiet wide', type: 'submit' }),
    ),
    statusPlace('keys'),
    place,
  ];
}

function officeBox({ key, fingerprint }) {
  const office = app.office?.name ?? t('why.office');
  const download = () => {
    saveFile('office-key.asc', new TextEncoder().encode(key));
    announce(t('download.done'));
  };
  return [
    h('h2', { class: 'later' }, t('keys.office', { office })),
    h('p', {}, t('keys.office.what')),
    h(
      'p',
      {},
      t('keys.fingerprint'),
      h('br'),
      h('span', { class: 'print', id: 'office-print' }, groups(fingerprint)),
    ),
    h(
      'button',
      { type: 'button', class: 'button quiet wide', id: 'office-key', onclick: download },
      icon('down'),
      h('span', {}, t('keys.office.download')),
    ),
  ];
}

export async function renderKeys(section) {
  const place = h('div', { id: 'keys-place', tabindex: '-1' });
  const reload = async (sentence) => {
    place.replaceChildren(...(await keyList(reload)).filter(Boolean));
    if (!sentence) return;
    announce(sentence);
    place.focus();
  };
  await reload().catch((error) => place.replaceChildren(notice('bad', sentenceFor(error))));
  return section(
    'keys',
    h('p', {}, t('keys.what')),
    h('h2', {}, t('keys.yours')),
    place,
    h('h2', { class: 'later' }, t('keys.new')),
    depositForm(reload),
    officeBox(await app.vault.call('officeKey')),
  );
}
