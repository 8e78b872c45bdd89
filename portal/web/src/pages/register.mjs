// SPDX-License-Identifier: GPL-3.0-or-later
//
// Registration in four steps: code, password, security question, done. Nothing is sent before the code
// has opened the wrap in this browser, and nothing secret is sent at all.

import { app, link, navigate, rememberRoster, seenRosters, unlocked } from '../app.mjs';
import { change } from '../api.mjs';
import { lackingNotice } from '../browser.mjs';
import {
  acceptCode,
  acceptNewPassword,
  acceptQuestion,
  codeField,
  newPassword,
  newQuestion,
  proveLogin,
  statusPlace,
  working,
} from '../choose.mjs';
import { button, field, fieldError, h, icon, notice } from '../dom.mjs';
import { getLanguage, t } from '../i18n.mjs';
import { canonicalAddress } from '../lib/text.mjs';
import { makeRecoveryCode } from '../recovery-code.mjs';
import { endJudge } from '../strength-client.mjs';

const OFFER = 10 * 60_000; // milliseconds

const STEPS = ['code', 'password', 'question', 'done'];

let step = 'code';
let verified = null; // {address, auth}: the code has opened the wrap
let chosen = ''; // the password, from step two until this page is left, or ten minutes

const value = (id) => document.getElementById(id).value;

function invitation() {
  const found = /^#i=([A-Za-z0-9_-]{8,128})$/.exec(window.location.hash);
  return found ? found[1] : null;
}

/** Each step is one of the browser's history, too: "back" on a phone goes one step back, not out of here. */
function goto(next) {
  step = next;
  history.pushState({ step }, '', window.location.href);
  paint();
}

/** The step that the history names, if what it needs is still here; registering cannot be undone. */
function stepOfHistory() {
  if (step === 'done') return 'done';
  const wanted = history.state?.step;
  if (wanted === 'question' && verified && chosen) return 'question';
  return verified && ['password', 'question'].includes(wanted) ? 'password' : 'code';
}

function progressList() {
  const at = STEPS.indexOf(step);
  return h(
    'ol',
    { class: 'steps', 'aria-label': t('register.steps') },
    STEPS.map((name, i) =>
      h(
        'li',
        {
          class: i < at ? 'past' : null,
          'aria-current': i === at ? 'step' : null,
        },
        h('span', { class: 'dot', 'aria-hidden': 'true' }, i < at ? icon('check') : String(i + 1)),
        h('span', {}, t(`register.step.${name}`)),
      ),
    ),
  );
}

async function checkCode(event) {
  event.preventDefault();
  const invited = invitation();
  const address = invited ? null : canonicalAddress(value('register-address'));
  if (!invited) fieldError('register-address', address ? null : t('address.invalid'));
  if (!invited && !address) return;
  const digits = acceptCode('register-code');
  if (digits === null) return;
  await working('register', 'register-code-submit', t('code.checking'), async () => {
    const opened = await change(
      'POST',
      '/p/v1/register/open',
      invited ? { invitation: invited } : { address },
    );
    verified = await app.vault.call('openCode', {
      digits,
      opened,
      portal: window.location.origin,
      seen: seenRosters(),
    });
    rememberRoster(verified);
    goto('password');
  });
}

function codeStep() {
  const early = (event) => event.target.localName === 'input' && app.vault.start().catch(() => {});
  const address = h('input', {
    type: 'email',
    autocomplete: 'email',
    required: true,
    inputmode: 'email',
    autocapitalize: 'none',
    spellcheck: 'false',
  });
  return h(
    'form',
    { id: 'register-code-form', onsubmit: checkCode, onfocusin: early, novalidate: true },
    lackingNotice(link('/technical', { id: 'lacks-technical' }, t('technical.link'))),
    h('p', {}, t(invitation() ? 'register.intro.invited' : 'register.intro')),
    !invitation() &&
      field({
        id: 'register-address',
        label: t('address.label'),
        hint: t('register.address.hint'),
        input: address,
      }),
    codeField('register-code', t('code.label'), t('code.hint')),
    statusPlace('register'),
    button('register-code-submit', t('code.submit'), null, {
      kind: 'primary wide',
      type: 'submit',
    }),
    h(
      'p',
      { class: 'links divided' },
      t('register.already'),
      ' ',
      link('/', { id: 'link-login' }, t('login.submit')),
    ),
  );
}

async function acceptPassword(event) {
  event.preventDefault();
  const typed = await acceptNewPassword('register', verified.address);
  if (typed === null) return;
  chosen = typed;
  goto('question');
}

function passwordStep() {
  return h(
    'form',
    { id: 'register-password-form', onsubmit: acceptPassword, novalidate: true },
    notice('good', t('register.code-good', { address: verified.address }), 'register-code-good'),
    verified.again && notice('info', t('register.again'), 'register-again'),
    newPassword('register', verified.address),
    button('register-password-submit', t('next'), null, { kind: 'primary wide', type: 'submit' }),
  );
}

async function finish(event) {
  event.preventDefault();
  const given = acceptQuestion('register');
  if (given === null) return;
  await working('register', 'register-submit', t('working.start'), async (say) => {
    const { question, answer } = given;
    const request = await app.vault.call('startRegistration', { password: chosen, answer });
    const responses = await change('POST', '/p/v1/register/start', request);
    const body = await app.vault.call('finishRegistration', responses, (name) =>
      say(t(`working.${name}`)),
    );
    say(t('working.send'));
    await change('POST', '/p/v1/register/finish', { ...body, question, language: getLanguage() });
    endJudge();
    app.lastAddress = verified.address;
    // The offer of a recovery code needs the password once more; nobody's lies about here for long.
    setTimeout(() => {
      chosen = '';
    }, OFFER);
    goto('done');
  });
}

function questionStep() {
  return h(
    'form',
    { id: 'register-question-form', onsubmit: finish, novalidate: true },
    h('p', {}, t('question.intro')),
    newQuestion('register'),
    statusPlace('register'),
    button('register-submit', t('register.submit'), null, { kind: 'primary wide', type: 'submit' }),
  );
}

/** Logs in with the password that was just chosen and shows the code where it is shown later, too. */
async function makeCode(event) {
  event.preventDefault();
  if (!chosen) {
    await navigate('/account/code');
    return;
  }
  const password = chosen;
  await working('register', 'register-code-make', t('login.busy'), async (say) => {
    const answer = await proveLogin(verified.address, password);
    const box = await app.vault.call('openMailbox', {
      answer,
      portal: window.location.origin,
      seen: seenRosters(),
    });
    unlocked(box);
    say(t('recovery.making'));
    await makeRecoveryCode();
    await navigate('/account/code');
  });
}

function recoveryOffer() {
  return h(
    'form',
    { class: 'offer', onsubmit: makeCode, 'aria-labelledby': 'register-offer-head' },
    h('h2', { id: 'register-offer-head' }, t('recovery.offer')),
    h('p', {}, t('recovery.what')),
    statusPlace('register'),
    button('register-code-make', t('recovery.make'), null, { kind: 'quiet wide', type: 'submit' }),
  );
}

function doneStep() {
  return h(
    'div',
    { id: 'register-done' },
    notice('good', t('register.done', { address: verified.address })),
    h('p', {}, t('register.done.next')),
    h('p', {}, t('register.done.bookmark', { address: window.location.host })),
    verified.again && h('p', {}, t('register.again.done')),
    link(
      '/',
      { class: 'button primary wide', id: 'register-login' },
      h('span', {}, t('login.submit')),
    ),
    recoveryOffer(),
  );
}

const BODIES = { code: codeStep, password: passwordStep, question: questionStep, done: doneStep };

function content() {
  return [
    h('p', { class: 'eyebrow' }, t('register.title')),
    h('h1', { tabindex: '-1' }, t(`register.head.${step}`)),
    progressList(),
    BODIES[step](),
  ];
}

function paint() {
  const card = document.getElementById('register');
  if (!card) return;
  card.replaceChildren(...content());
  card.querySelector('h1').focus();
}

/** Leaving in the middle forgets the code and the password that were typed. */
function forget() {
  step = 'code';
  verified = null;
  chosen = '';
  endJudge();
}

async function render() {
  step = stepOfHistory();
  return {
    title: t('register.title'),
    node: h('div', { class: 'narrow' }, h('section', { class: 'card', id: 'register' }, content())),
    leave: ({ same }) => same || forget(),
  };
}

export const registerPage = { name: 'register', match: /^\/register$/, needsLogin: false, render };
