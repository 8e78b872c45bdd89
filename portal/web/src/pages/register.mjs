// SPDX-License-Identifier: GPL-3.0-or-later
//
// Registration in four steps: code, password, security question, done. Nothing is sent before the code
// has opened the wrap in this browser, and nothing secret is sent at all.

import {
  announce,
  app,
  link,
  rememberRoster,
  seenRosters,
  sentenceFor,
  supportCard,
} from '../app.mjs';
import { change } from '../api.mjs';
import { button, field, fieldError, h, icon, notice, passwordInput } from '../dom.mjs';
import { getLanguage, t } from '../i18n.mjs';
import { CODE_LENGTH, codeDigits, groupCode, judgeCode } from '../lib/code.mjs';
import { canonicalAddress, canonicalAnswer } from '../lib/text.mjs';
import { endJudge, judgePassword, MIN_PASSWORD } from '../strength-client.mjs';

const STEPS = ['code', 'password', 'question', 'done'];
const QUESTIONS = ['teacher', 'street', 'pet', 'holiday', 'own'];

let step = 'code';
let verified = null; // {address, auth}: the code has opened the wrap
let chosen = ''; // the password, between step two and three

const value = (id) => document.getElementById(id).value;

function invitation() {
  const found = /^#i=([A-Za-z0-9_-]{8,128})$/.exec(window.location.hash);
  return found ? found[1] : null;
}

function goto(next) {
  step = next;
  paint();
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

/** Runs a step's work with the button disabled, a sentence for what goes on, and one for what went wrong. */
async function working(id, sentence, action) {
  const submit = document.getElementById(id);
  const place = document.getElementById('register-status');
  submit.disabled = true;
  const say = (text) => {
    place.replaceChildren(
      h(
        'div',
        { class: 'busy' },
        h('span', { class: 'spinner', 'aria-hidden': 'true' }),
        h('span', {}, text),
      ),
    );
    announce(text);
  };
  say(sentence);
  try {
    await action(say);
  } catch (error) {
    document
      .getElementById('register-status')
      ?.replaceChildren(
        notice('bad', [h('p', {}, sentenceFor(error)), supportCard()], 'register-error'),
      );
  } finally {
    submit.disabled = false;
    place.querySelector('.busy')?.remove();
  }
}

function formatCode(event) {
  const input = event.target;
  const before = codeDigits(input.value.slice(0, input.selectionStart)).length;
  input.value = groupCode(codeDigits(input.value));
  let caret = 0;
  for (let seen = 0; seen < before && caret < input.value.length; caret++)
    if (input.value[caret] !== ' ') seen++;
  input.setSelectionRange(caret, caret);
  const verdict = judgeCode(codeDigits(input.value));
  fieldError('register-code', verdict === 'typo' ? t('code.typo') : null, false);
  document.getElementById('register-code-count').textContent =
    verdict === 'plausible'
      ? t('code.complete')
      : t('code.count', { count: codeDigits(input.value).length, total: CODE_LENGTH });
}

async function checkCode(event) {
  event.preventDefault();
  const invited = invitation();
  const address = invited ? null : canonicalAddress(value('register-address'));
  if (!invited) fieldError('register-address', address ? null : t('address.invalid'));
  if (!invited && !address) return;
  const digits = codeDigits(value('register-code'));
  const verdict = judgeCode(digits);
  fieldError('register-code', verdict === 'plausible' ? null : t(`code.${verdict}`));
  if (verdict !== 'plausible') return;
  await working('register-code-submit', t('code.checking'), async () => {
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
  const code = h('input', {
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    required: true,
    spellcheck: 'false',
    class: 'code',
    oninput: formatCode,
    maxlength: '40',
    placeholder: '000 000 000 000 000 000 000',
  });
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
    h('p', {}, t(invitation() ? 'register.intro.invited' : 'register.intro')),
    !invitation() &&
      field({
        id: 'register-address',
        label: t('address.label'),
        hint: t('register.address.hint'),
        input: address,
      }),
    field({
      id: 'register-code',
      label: t('code.label'),
      hint: t('code.hint'),
      input: code,
      after: h(
        'p',
        { class: 'hint', id: 'register-code-count' },
        t('code.count', { count: 0, total: CODE_LENGTH }),
      ),
    }),
    h('div', { id: 'register-status', 'aria-live': 'polite' }),
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

async function showStrength() {
  const typed = value('register-password');
  const place = document.getElementById('password-strength');
  const verdict = await judgePassword(typed, [verified.address]);
  if (!place.isConnected || value('register-password') !== typed) return;
  place.dataset.level = verdict.level;
  place.lastChild.textContent = t(`strength.${verdict.level}`, {
    missing: MIN_PASSWORD - Array.from(typed).length,
  });
}

async function acceptPassword(event) {
  event.preventDefault();
  const typed = value('register-password');
  const verdict = await judgePassword(typed, [verified.address]);
  const bad = verdict.level === 'short' || verdict.level === 'weak';
  fieldError(
    'register-password',
    bad
      ? t(`strength.${verdict.level}`, { missing: MIN_PASSWORD - Array.from(typed).length })
      : null,
  );
  if (bad) return;
  const same = typed.normalize('NFC') === value('register-password2').normalize('NFC');
  fieldError('register-password2', same ? null : t('password.differs'));
  if (!same) return;
  chosen = typed;
  goto('question');
}

function passwordStep() {
  const first = passwordInput(t('password.show'), t('password.hide'), 'new-password');
  first.input.addEventListener('input', showStrength);
  const second = h('input', {
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    spellcheck: 'false',
    autocapitalize: 'none',
  });
  const wrapper = field({
    id: 'register-password',
    label: t('password.choose'),
    hint: t('password.hint', { minimum: MIN_PASSWORD }),
    input: first.input,
    after: h(
      'div',
      { class: 'strength', id: 'password-strength', 'aria-live': 'polite' },
      h('span', { class: 'meter', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'), h('i')),
      h('span', {}, ''),
    ),
  });
  wrapper.insertBefore(first.row, wrapper.querySelector('.strength'));
  first.row.prepend(first.input);
  return h(
    'form',
    { id: 'register-password-form', onsubmit: acceptPassword, novalidate: true },
    notice('good', t('register.code-good', { address: verified.address }), 'register-code-good'),
    h('input', {
      type: 'text',
      autocomplete: 'username',
      value: verified.address,
      hidden: true,
      readonly: true,
      'aria-hidden': 'true',
      tabindex: '-1',
    }),
    wrapper,
    field({ id: 'register-password2', label: t('password.repeat'), input: second }),
    button('register-password-submit', t('next'), null, { kind: 'primary wide', type: 'submit' }),
  );
}

function question() {
  const pick = value('register-question');
  return pick === 'own' ? value('register-own-question').trim() : t(`question.${pick}`);
}

async function finish(event) {
  event.preventDefault();
  const asked = question();
  if (value('register-question') === 'own')
    fieldError('register-own-question', asked.length >= 5 ? null : t('question.missing'));
  if (asked.length < 5) return;
  const answer = value('register-answer');
  const enough = Array.from(canonicalAnswer(answer)).length >= 3;
  fieldError('register-answer', enough ? null : t('answer.short'));
  if (!enough) return;
  await working('register-submit', t('working.start'), async (say) => {
    const request = await app.vault.call('startRegistration', { password: chosen, answer });
    const responses = await change('POST', '/p/v1/register/start', request);
    const body = await app.vault.call('finishRegistration', responses, (name) =>
      say(t(`working.${name}`)),
    );
    say(t('working.send'));
    await change('POST', '/p/v1/register/finish', {
      ...body,
      question: asked.slice(0, 200),
      language: getLanguage(),
    });
    chosen = '';
    endJudge();
    app.lastAddress = verified.address;
    goto('done');
  });
}

function questionStep() {
  const own = field({
    id: 'register-own-question',
    label: t('question.own.label'),
    input: h('input', { type: 'text', autocomplete: 'off', maxlength: '200' }),
  });
  own.hidden = true;
  const pick = h(
    'select',
    {
      onchange: (e) => {
        own.hidden = e.target.value !== 'own';
      },
      oninput: (e) => {
        own.hidden = e.target.value !== 'own';
      },
    },
    QUESTIONS.map((name) => h('option', { value: name }, t(`question.${name}`))),
  );
  return h(
    'form',
    { id: 'register-question-form', onsubmit: finish, novalidate: true },
    h('p', {}, t('question.intro')),
    field({ id: 'register-question', label: t('question.label'), input: pick }),
    own,
    field({
      id: 'register-answer',
      label: t('answer.label'),
      hint: t('answer.hint'),
      input: h('input', {
        type: 'text',
        autocomplete: 'off',
        required: true,
        spellcheck: 'false',
        maxlength: '200',
      }),
    }),
    h('div', { id: 'register-status', 'aria-live': 'polite' }),
    button('register-submit', t('register.submit'), null, { kind: 'primary wide', type: 'submit' }),
  );
}

function doneStep() {
  return h(
    'div',
    { id: 'register-done' },
    notice('good', t('register.done', { address: verified.address })),
    h('p', {}, t('register.done.next')),
    h('p', {}, t('register.done.bookmark', { address: window.location.host })),
    link(
      '/',
      { class: 'button primary wide', id: 'register-login' },
      h('span', {}, t('login.submit')),
    ),
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
  return {
    title: t('register.title'),
    node: h('div', { class: 'narrow' }, h('section', { class: 'card', id: 'register' }, content())),
    leave: ({ same }) => same || forget(),
  };
}

export const registerPage = { name: 'register', match: /^\/register$/, needsLogin: false, render };
