// SPDX-License-Identifier: GPL-3.0-or-later
//
// Forgotten password: asking for the link, and what the link leads to. Opening the link does nothing: link
// scanners open links, so the token is used up only by a button. Whether an address is known is never told.

import { app, link, rememberRoster, seenRosters, sentenceFor, supportCard } from '../app.mjs';
import { ApiError, change } from '../api.mjs';
import {
  acceptAnswer,
  acceptCode,
  acceptNewPassword,
  answerField,
  codeField,
  newPassword,
  statusPlace,
  working,
} from '../choose.mjs';
import { button, field, fieldError, h, notice } from '../dom.mjs';
import { getLanguage, t } from '../i18n.mjs';
import { canonicalAddress, cleanLine } from '../lib/text.mjs';
import { endJudge } from '../strength-client.mjs';

const TRIES = 5; // of an episode, as the server counts them
const ALLOWED = 15 * 60_000; // milliseconds for choosing the password

const fresh = () => ({ step: 'start', token: null, opened: null, left: TRIES, change: null });
let state = fresh();

function wholePage(id, title, ...content) {
  return h(
    'div',
    { class: 'narrow' },
    h('article', { class: 'card', id }, h('h1', {}, title), content),
  );
}

function backToLogin() {
  return h('p', { class: 'links divided' }, link('/', { id: 'back-to-login' }, t('back.login')));
}

function addressField(id) {
  return field({
    id,
    label: t('address.label'),
    input: h('input', {
      type: 'email',
      autocomplete: 'username',
      required: true,
      inputmode: 'email',
      autocapitalize: 'none',
      spellcheck: 'false',
      value: app.typedAddress || app.lastAddress,
    }),
  });
}

/** A form that asks for an address and gives the same answer for each. */
function addressForm(prefix, { path, submit, sent, extra = () => ({}) }) {
  const form = h(
    'form',
    {
      id: `${prefix}-form`,
      novalidate: true,
      async onsubmit(event) {
        event.preventDefault();
        const address = canonicalAddress(document.getElementById(`${prefix}-address`).value);
        fieldError(`${prefix}-address`, address ? null : t('address.invalid'));
        if (!address) return;
        const done = await working(prefix, `${prefix}-submit`, t('working.send'), () =>
          change('POST', path, { address, ...extra() }),
        );
        if (!done) return;
        app.lastAddress = address;
        const said = h('div', { id: `${prefix}-sent`, tabindex: '-1' }, sent(address));
        form.replaceWith(said);
        said.focus();
      },
    },
    addressField(`${prefix}-address`),
    statusPlace(prefix),
    button(`${prefix}-submit`, submit, null, { kind: 'primary wide', type: 'submit' }),
  );
  return form;
}

/** "I do not know the answer": the office is told, once a day, whoever presses. */
function askOffice() {
  return [
    supportCard(),
    h('p', {}, t('forgot.answer.tell')),
    addressForm('help', {
      path: '/p/v1/recover/help',
      submit: t('forgot.answer.submit'),
      sent: () => notice('info', t('forgot.answer.sent')),
    }),
  ];
}

async function renderForgotten() {
  const title = t('forgot.password.title');
  const sent = (address) => [
    notice('info', t('forgot.sent', { address })),
    h('ul', { class: 'points' }, [
      h('li', {}, t('forgot.sent.time')),
      h('li', {}, t('forgot.sent.missing')),
      h('li', {}, t('forgot.sent.phishing', { host: window.location.host })),
    ]),
  ];
  const node = wholePage(
    'help-password',
    title,
    h('p', {}, t('forgot.password.why')),
    h('p', {}, t('forgot.password.what')),
    addressForm('forgot', {
      path: '/p/v1/recover/request',
      submit: t('forgot.submit'),
      sent,
      extra: () => ({ language: getLanguage() }),
    }),
    h('h2', { class: 'later' }, t('forgot.else')),
    supportCard(),
    h('ul', { class: 'points' }, [h('li', {}, t('forgot.lost')), h('li', {}, t('forgot.never'))]),
    h(
      'p',
      { class: 'links' },
      link('/help/answer', { id: 'link-forgot-answer' }, t('forgot.answer.title')),
    ),
    backToLogin(),
  );
  return { title, node };
}

async function renderAnswer() {
  const title = t('forgot.answer.title');
  const node = wholePage(
    'help-answer',
    title,
    h('p', {}, t('forgot.answer.why')),
    h('p', {}, t('forgot.answer.what')),
    h('p', {}, t('forgot.have', { office: app.office?.name ?? t('why.office') })),
    askOffice(),
    backToLogin(),
  );
  return { title, node };
}

/** The token leaves the address bar and the history at once: it is worth something for ten minutes. */
function takeToken() {
  const found = /^#t=([A-Za-z0-9_-]{8,128})$/.exec(window.location.hash);
  if (!found) return;
  history.replaceState(null, '', window.location.pathname);
  endRecovery();
  state.token = found[1];
}

/** Forgets what was typed and what was opened; the keys of the recovery with it. */
function endRecovery() {
  if (state.opened) app.vault.call('endRecovery').catch(() => {});
  endJudge();
  state = fresh();
}

function goto(step) {
  state.step = step;
  paint();
}

/** In this flow some refusals mean something else than elsewhere. */
function explain(error) {
  if (error instanceof ApiError && error.code === 'too-many-tries') return t('recover.over');
  if (error?.name === 'Refusal' && error.code === 'wrong-code') return t('recover.wrong-code');
  return sentenceFor(error);
}

function onFailure(error) {
  // What comes after is hopeless with this link: nobody is left in front of a form that cannot work.
  if (error instanceof ApiError && ['link-expired', 'too-many-tries'].includes(error.code))
    queueMicrotask(() => goto(error.code === 'link-expired' ? 'expired' : 'over'));
  return explain(error);
}

async function openLink(event) {
  event.preventDefault();
  await working(
    'recover',
    'recover-open',
    t('recover.opening'),
    async () => {
      const opened = await change('POST', '/p/v1/recover/open', { token: state.token });
      state.token = null;
      state.left = TRIES;
      state.opened = { ...opened, question: cleanLine(opened.question, 200) };
      await app.vault.call('beginRecovery', { opened });
      goto('question');
    },
    onFailure,
  );
}

function wrong(sentence) {
  state.left = Math.max(0, state.left - 1);
  if (state.left === 0) {
    goto('over');
    return;
  }
  const left = t('recover.left', { count: state.left });
  document
    .getElementById('recover-status')
    .replaceChildren(notice('bad', [h('p', {}, sentence), h('p', {}, left)], 'recover-error'));
}

/** From the answer's or the code's proof to the opened root key. */
async function opened(answer) {
  const box = await app.vault.call('openRecovery', {
    answer,
    portal: window.location.origin,
    seen: seenRosters(),
  });
  rememberRoster(box);
  state.address = box.address;
  state.change = answer.change;
  const mine = state;
  setTimeout(() => {
    if (state === mine && state.step === 'password') goto('late');
  }, ALLOWED);
  goto('password');
}

async function giveAnswer(event) {
  event.preventDefault();
  const answer = acceptAnswer('recover-answer');
  if (answer === null) return;
  const { recovery } = state.opened;
  await working(
    'recover',
    'recover-answer-submit',
    t('recover.checking'),
    async () => {
      const request = await app.vault.call('recoverAnswer', { answer });
      const { login, response } = await change('POST', '/p/v1/recover/start', {
        recovery,
        request,
      });
      const finish = await app.vault.call('recoverAnswerFinish', { response });
      if (finish === null) wrong(t('error.wrong-answer'));
      else await opened(await change('POST', '/p/v1/recover/finish', { login, finish }));
    },
    onFailure,
  );
}

async function giveCode(event) {
  event.preventDefault();
  const digits = acceptCode('recover-code');
  if (digits === null) return;
  const { recovery } = state.opened;
  await working(
    'recover',
    'recover-code-submit',
    t('code.checking'),
    async () => {
      const auth = await app.vault.call('recoverCode', { digits });
      try {
        await opened(await change('POST', '/p/v1/recover/code', { recovery, auth }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'wrong-code')) throw error;
        wrong(t('recover.wrong-code'));
      }
    },
    onFailure,
  );
}

async function setPassword(event) {
  event.preventDefault();
  const password = await acceptNewPassword('recover', state.address);
  if (password === null) return;
  await working('recover', 'recover-password-submit', t('working.password'), async (say) => {
    const request = await app.vault.call('startCredentials', { of: 'recovery', password });
    const responses = await change('POST', '/p/v1/credentials/start', {
      change: state.change,
      ...request,
    });
    const body = await app.vault.call('finishCredentials', responses);
    say(t('working.send'));
    await change('POST', '/p/v1/credentials/finish', { change: state.change, ...body });
    app.lastAddress = state.address;
    app.after = null;
    await app.vault.call('endRecovery');
    endJudge();
    goto('done');
  });
}

function startStep() {
  if (!state.token)
    return [notice('warn', t('recover.incomplete'), 'recover-incomplete'), askAgain()];
  return [
    h('p', {}, t('recover.intro')),
    h(
      'form',
      { onsubmit: openLink, novalidate: true },
      statusPlace('recover'),
      button('recover-open', t('next'), null, { kind: 'primary wide', type: 'submit' }),
    ),
    h('ul', { class: 'points later' }, [
      h('li', {}, t('recover.check', { host: window.location.host })),
      h('li', {}, t('recover.unasked')),
    ]),
  ];
}

function askAgain() {
  return h(
    'p',
    { class: 'links' },
    link(
      '/help/password',
      { id: 'recover-again', class: 'button primary wide' },
      t('recover.again'),
    ),
  );
}

function switchTo(id, label, step) {
  return h(
    'li',
    {},
    button(id, label, () => goto(step), { kind: 'plain wide' }),
  );
}

function otherWays(...ways) {
  return [h('h2', { class: 'later' }, t('recover.other')), h('ul', { class: 'ways' }, ways)];
}

const unknownWay = () => switchTo('recover-unknown', t('recover.unknown'), 'unknown');

function questionStep() {
  return [
    h(
      'form',
      { id: 'recover-question-form', onsubmit: giveAnswer, novalidate: true },
      h('p', {}, t('recover.question')),
      h('p', { class: 'asked', id: 'recover-question' }, state.opened.question),
      answerField('recover-answer'),
      statusPlace('recover'),
      button('recover-answer-submit', t('next'), null, { kind: 'primary wide', type: 'submit' }),
    ),
    otherWays(
      state.opened.recovery_salt && switchTo('recover-use-code', t('recover.use-code'), 'code'),
      unknownWay(),
    ),
  ];
}

function codeStep() {
  return [
    h(
      'form',
      { id: 'recover-code-form', onsubmit: giveCode, novalidate: true },
      h('p', {}, t('recover.code')),
      codeField('recover-code', t('recovery.label'), t('code.hint')),
      statusPlace('recover'),
      button('recover-code-submit', t('code.submit'), null, {
        kind: 'primary wide',
        type: 'submit',
      }),
    ),
    otherWays(
      switchTo('recover-use-question', t('recover.use-question'), 'question'),
      unknownWay(),
    ),
  ];
}

function passwordStep() {
  return h(
    'form',
    { id: 'recover-password-form', onsubmit: setPassword, novalidate: true },
    notice('good', t('recover.right', { address: state.address }), 'recover-right'),
    newPassword('recover', state.address),
    statusPlace('recover'),
    button('recover-password-submit', t('recover.submit'), null, {
      kind: 'primary wide',
      type: 'submit',
    }),
  );
}

function doneStep() {
  return h(
    'div',
    { id: 'recover-done' },
    notice('good', t('recover.done')),
    h('p', {}, t('recover.done.ended')),
    h('p', {}, t('recover.done.mail')),
    link(
      '/',
      { class: 'button primary wide', id: 'recover-login' },
      h('span', {}, t('login.submit')),
    ),
  );
}

const BODIES = {
  start: startStep,
  question: questionStep,
  code: codeStep,
  password: passwordStep,
  done: doneStep,
  unknown: () => [
    h('p', {}, t('forgot.answer.why')),
    askOffice(),
    otherWays(switchTo('recover-use-question', t('recover.use-question'), 'question')),
  ],
  expired: () => [
    notice('warn', t('error.link-expired'), 'recover-expired'),
    h('p', {}, t('recover.expired.what')),
    askAgain(),
    supportCard(),
  ],
  over: () => [
    notice('warn', t('recover.over'), 'recover-over'),
    h('p', {}, t('forgot.lost')),
    supportCard(),
    askAgain(),
  ],
  late: () => [notice('warn', t('recover.late'), 'recover-late'), askAgain()],
};

function content() {
  return [
    h('p', { class: 'eyebrow' }, t('forgot.password.title')),
    h('h1', { tabindex: '-1' }, t(`recover.head.${state.step}`)),
    BODIES[state.step](),
    state.step !== 'done' && backToLogin(),
  ].flat(9);
}

function paint() {
  const card = document.getElementById('recover');
  if (!card) return;
  card.replaceChildren(...content().filter(Boolean));
  card.querySelector('h1').focus();
  window.scrollTo(0, 0);
}

async function renderRecover() {
  takeToken();
  return {
    title: t('recover.title'),
    node: h('div', { class: 'narrow' }, h('section', { class: 'card', id: 'recover' }, content())),
    leave: ({ same }) => same || endRecovery(),
  };
}

export const recoverPages = [
  { name: 'recover', match: /^\/recover$/, needsLogin: false, render: renderRecover },
  {
    name: 'help-password',
    match: /^\/help\/password$/,
    needsLogin: false,
    render: renderForgotten,
  },
  { name: 'help-answer', match: /^\/help\/answer$/, needsLogin: false, render: renderAnswer },
];
