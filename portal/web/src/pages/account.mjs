// SPDX-License-Identifier: GPL-3.0-or-later
//
// "My account": one page that lists what there is, and a page for each. What would hurt in the hands of a
// stranger at an unlocked screen asks for the present password first; the server wants that, too.

import { announce, app, guarded, link, lock, navigate, sentenceFor } from '../app.mjs';
import { ApiError, change, get } from '../api.mjs';
import {
  acceptNewPassword,
  acceptPresent,
  acceptQuestion,
  newPassword,
  newQuestion,
  presentPassword,
  proveLogin,
  statusPlace,
  working,
} from '../choose.mjs';
import { button, field, fieldError, h, notice } from '../dom.mjs';
import { showDate, t } from '../i18n.mjs';
import { groupCode } from '../lib/code.mjs';
import { cleanLine } from '../lib/text.mjs';
import { forgetCode, makeRecoveryCode, shownCode } from '../recovery-code.mjs';
import { endJudge } from '../strength-client.mjs';
import { renderExport, stopExport } from './account-export.mjs';
import { renderKeys } from './account-keys.mjs';

const SECTIONS = ['password', 'question', 'code', 'sessions', 'keys', 'notices', 'export', 'delete'];

/** A page of the account: a way back, a heading, the content. */
export function section(name, ...content) {
  const title = t(`account.${name}`);
  return {
    title,
    node: h(
      'div',
      { class: 'narrow' },
      link('/account', { class: 'back', id: 'account-back' }, t('account.title')),
      h('section', { class: 'card', id: `account-${name}` }, h('h1', {}, title), content),
    ),
  };
}

async function renderOverview() {
  const title = t('account.title');
  const entries = SECTIONS.map((name) =>
    h(
      'li',
      {},
      link(
        `/account/${name}`,
        { class: 'row', id: `open-${name}` },
        h(
          'span',
          { class: 'row-main' },
          h('span', { class: 'row-subject' }, t(`account.${name}`)),
          h('span', { class: 'row-sub' }, t(`account.${name}.short`)),
        ),
      ),
    ),
  );
  return {
    title,
    node: h(
      'div',
      { class: 'narrow', id: 'account' },
      h('h1', {}, title),
      h('p', {}, t('account.what', { address: app.box.address })),
      h('ul', { class: 'list' }, entries),
      h('p', { class: 'soft' }, t('account.language')),
    ),
  };
}

/**
 * The present password, proven anew. The login is as fresh afterwards as the server wants it.
 * @returns {Promise<boolean>} false after saying that it was wrong
 */
async function confirm(prefix, password) {
  const answer = await proveLogin(app.box.address, password);
  if (answer === null) {
    fieldError(`${prefix}-present`, t('password.wrong'));
    return false;
  }
  await app.vault.call('confirmLogin', { answer });
  return true;
}

/** Asks for the present password, then does the rest. */
async function confirmed(event, prefix, sentence, action) {
  const password = acceptPresent(prefix);
  if (password === null) return;
  await working(prefix, `${prefix}-submit`, t('password.checking'), async (say) => {
    if (!(await confirm(prefix, password))) return;
    say(sentence);
    await guarded(() => action(say));
  });
}

function finished(prefix, sentence) {
  const done = notice('good', sentence, `${prefix}-done`);
  done.setAttribute('tabindex', '-1');
  document.getElementById(`${prefix}-form`).replaceWith(done);
  done.focus();
  announce(sentence);
}

async function changeCredentials(given, extra) {
  const request = await app.vault.call('startCredentials', { of: 'mailbox', ...given });
  const responses = await change('POST', '/p/v1/credentials/start', request);
  const body = await app.vault.call('finishCredentials', responses);
  await change('POST', '/p/v1/credentials/finish', { ...body, ...extra });
}

async function renderPassword() {
  const submit = async (event) => {
    event.preventDefault();
    if (acceptPresent('password') === null) return;
    const password = await acceptNewPassword('new', app.box.address);
    if (password === null) return;
    await confirmed(event, 'password', t('working.password'), async () => {
      await changeCredentials({ password }, {});
      endJudge();
      finished('password', t('account.password.done'));
    });
  };
  const shown = section(
    'password',
    h('p', {}, t('account.password.what')),
    h(
      'form',
      { id: 'password-form', onsubmit: submit, novalidate: true },
      presentPassword('password'),
      newPassword('new', app.box.address),
      statusPlace('password'),
      button('password-submit', t('account.password'), null, {
        kind: 'primary wide',
        type: 'submit',
      }),
    ),
  );
  return { ...shown, leave: endJudge };
}

async function renderQuestion() {
  const submit = async (event) => {
    event.preventDefault();
    const given = acceptQuestion('new');
    if (given === null) return;
    await confirmed(event, 'question', t('working.answer'), async () => {
      await changeCredentials({ answer: given.answer }, { question: given.question });
      finished('question', t('account.question.done'));
    });
  };
  return section(
    'question',
    h('p', {}, t('question.intro')),
    h(
      'form',
      { id: 'question-form', onsubmit: submit, novalidate: true },
      newQuestion('new'),
      presentPassword('question'),
      statusPlace('question'),
      button('question-submit', t('account.question.submit'), null, {
        kind: 'primary wide',
        type: 'submit',
      }),
    ),
  );
}

/** The sheet of paper: what it is for, the digits, and what it is not for. */
function codeSheet(digits) {
  return h(
    'div',
    { class: 'sheet', id: 'code-sheet' },
    h('p', { class: 'sheet-head' }, app.office?.name ?? t('brand'), ' · ', t('brand.sub')),
    h('h2', {}, t('recovery.label')),
    h(
      'p',
      { class: 'sheet-code', id: 'recovery-code' },
      groupCode(digits)
        .split(' ')
        .map((group) => [h('span', {}, group), ' ']),
    ),
    h('p', {}, t('recovery.sheet.for', { address: app.box.address, host: window.location.host })),
    h('p', {}, t('recovery.sheet.how')),
    h('p', {}, t('recovery.sheet.never')),
    h('p', {}, t('recovery.sheet.made', { date: showDate(Date.now() / 1000, false) })),
  );
}

function shownCodeView(digits) {
  const done = () => {
    forgetCode();
    navigate('/account');
  };
  return [
    notice('good', t('recovery.made'), 'code-made'),
    codeSheet(digits),
    h(
      'div',
      { class: 'actions' },
      button('code-print', t('recovery.print'), () => window.print(), { kind: 'primary' }),
      button('code-kept', t('recovery.kept'), done, { kind: 'plain' }),
    ),
  ];
}

function makeCodeView() {
  const submit = async (event) => {
    event.preventDefault();
    await confirmed(event, 'code', t('recovery.making'), async () => {
      await makeRecoveryCode();
      await navigate('/account/code', true);
    });
  };
  return [
    h('p', {}, t('recovery.what')),
    h('ul', { class: 'points' }, [
      h('li', {}, t('recovery.once')),
      h('li', {}, t('recovery.replaces')),
    ]),
    h(
      'form',
      { id: 'code-form', onsubmit: submit, novalidate: true },
      presentPassword('code'),
      statusPlace('code'),
      button('code-submit', t('recovery.make'), null, { kind: 'primary wide', type: 'submit' }),
    ),
  ];
}

async function renderCode() {
  const digits = shownCode();
  return {
    ...section('code', digits ? shownCodeView(digits) : makeCodeView()),
    leave: ({ same }) => same || forgetCode(),
  };
}

function sessionRow(entry, reload) {
  const client = cleanLine(entry.client, 80) || t('sessions.unknown');
  const end = async (event) => {
    event.currentTarget.disabled = true;
    await act(() => change('DELETE', `/p/v1/sessions/${encodeURIComponent(entry.id)}`));
    await reload(t('sessions.ended', { client }));
  };
  return h(
    'li',
    { class: 'entry', 'data-testid': 'session', 'data-current': String(entry.current === true) },
    h(
      'div',
      { class: 'row-main' },
      h('strong', {}, client),
      entry.current && h('span', { class: 'here' }, t('sessions.current')),
      h('span', { class: 'row-sub' }, t('sessions.created', { date: showDate(entry.created) })),
      h('span', { class: 'row-sub' }, t('sessions.seen', { date: showDate(entry.seen) })),
    ),
    !entry.current &&
      h(
        'button',
        {
          type: 'button',
          class: 'button small plain',
          'data-testid': 'session-end',
          'aria-label': t('sessions.end.one', { client, date: showDate(entry.created) }),
          onclick: end,
        },
        t('sessions.end'),
      ),
  );
}

/** One request whose failure is said in the place for it. */
async function act(action) {
  try {
    await guarded(action);
  } catch (error) {
    // Gone already is what was wanted.
    if (error instanceof ApiError && error.code === 'not-found') return;
    document
      .getElementById('sessions-status')
      ?.replaceChildren(notice('bad', sentenceFor(error), 'sessions-error'));
  }
}

async function sessionList(reload) {
  const { sessions } = await guarded(() => get('/p/v1/sessions'));
  const sorted = sessions.sort((a, b) => Number(b.current) - Number(a.current) || b.seen - a.seen);
  const endAll = async (event) => {
    event.currentTarget.disabled = true;
    await act(() => change('DELETE', '/p/v1/sessions'));
    await reload(t('sessions.ended.all'));
  };
  return [
    h(
      'ul',
      { class: 'entries', id: 'sessions-list' },
      sorted.map((s) => sessionRow(s, reload)),
    ),
    sorted.some((s) => !s.current) &&
      button('sessions-end-all', t('sessions.end.all'), endAll, { kind: 'plain wide' }),
  ];
}

async function renderSessions() {
  const place = h('div', { id: 'sessions-place', tabindex: '-1' });
  const reload = async (sentence) => {
    place.replaceChildren(...(await sessionList(reload)).filter(Boolean));
    if (!sentence) return;
    announce(sentence);
    place.focus();
  };
  const failed = (error) => place.replaceChildren(notice('bad', sentenceFor(error)));
  await reload().catch(failed);
  return section(
    'sessions',
    h('p', {}, t('sessions.what')),
    h('div', { id: 'sessions-status', 'aria-live': 'polite' }),
    place,
    h('p', { class: 'soft' }, t('sessions.stranger')),
  );
}

/** The language of what we write by e-mail; that of these pages is chosen above them. */
async function renderNotices() {
  const { language } = await guarded(() => get('/p/v1/session'));
  const pick = h(
    'select',
    {},
    ['de', 'en'].map((name) =>
      h('option', { value: name, selected: name === language }, t(`notices.${name}`)),
    ),
  );
  const submit = async (event) => {
    event.preventDefault();
    await working('notices', 'notices-submit', t('notices.saving'), async () => {
      await guarded(() => change('PUT', '/p/v1/account/language', { language: pick.value }));
      finished('notices', t('notices.done'));
    });
  };
  return section(
    'notices',
    h('p', {}, t('notices.what')),
    h(
      'form',
      { id: 'notices-form', onsubmit: submit, novalidate: true },
      field({ id: 'notices-language', label: t('notices.language'), input: pick }),
      statusPlace('notices'),
      button('notices-submit', t('notices.submit'), null, { kind: 'primary wide', type: 'submit' }),
    ),
  );
}

async function renderDelete() {
  const word = t('delete.word');
  const submit = async (event) => {
    event.preventDefault();
    const typed = document.getElementById('delete-word').value.trim().toLowerCase();
    const same = typed === word.toLowerCase();
    fieldError('delete-word', same ? null : t('delete.word.wrong', { word }));
    if (!same) return;
    await confirmed(event, 'delete', t('delete.working'), async () => {
      await change('POST', '/p/v1/account/delete', { handle: app.box.handle });
      app.lastAddress = '';
      await lock('deleted');
    });
  };
  return section(
    'delete',
    h('h2', {}, t('delete.lost')),
    h('ul', { class: 'points' }, [
      h('li', {}, t('delete.lost.mail')),
      h('li', {}, t('delete.lost.keys')),
      h('li', {}, t('delete.lost.access')),
    ]),
    h('h2', {}, t('delete.stays')),
    h('ul', { class: 'points' }, [
      h('li', {}, t('delete.stays.office')),
      h('li', {}, t('delete.stays.again')),
    ]),
    h('p', {}, link('/account/export', { id: 'delete-export' }, t('delete.export'))),
    h(
      'form',
      { id: 'delete-form', onsubmit: submit, novalidate: true },
      field({
        id: 'delete-word',
        label: t('delete.word.label', { word }),
        input: h('input', {
          type: 'text',
          autocomplete: 'off',
          autocapitalize: 'none',
          spellcheck: 'false',
          required: true,
        }),
      }),
      presentPassword('delete'),
      statusPlace('delete'),
      button('delete-submit', t('delete.submit'), null, { kind: 'danger wide', type: 'submit' }),
    ),
  );
}

const page = (name, render, more = {}) => ({
  name: `account-${name}`,
  match: new RegExp(`^/account/${name}$`),
  needsLogin: true,
  render,
  ...more,
});

export const accountPages = [
  { name: 'account', match: /^\/account$/, needsLogin: true, render: renderOverview },
  page('password', renderPassword),
  page('question', renderQuestion),
  page('code', renderCode, { beforeLock: forgetCode }),
  page('sessions', renderSessions),
  page('keys', () => renderKeys(section)),
  page('notices', renderNotices),
  page('export', () => renderExport(section), { beforeLock: stopExport }),
  page('delete', renderDelete),
];
