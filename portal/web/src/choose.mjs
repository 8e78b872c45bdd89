// SPDX-License-Identifier: GPL-3.0-or-later
//
// What several pages ask alike: a new password, a question and its answer, a code, the present password; and
// how a form works while something takes seconds. Keeps nothing: what was typed is given to who asked.

import { announce, app, sentenceFor, supportCard } from './app.mjs';
import { change, get } from './api.mjs';
import { chosenInFull, field, fieldError, h, notice, passwordInput } from './dom.mjs';
import { t } from './i18n.mjs';
import { CODE_LENGTH, codeDigits, groupCode, judgeCode } from './lib/code.mjs';
import { canonicalAnswer } from './lib/text.mjs';
import { judgePassword, MIN_PASSWORD } from './strength-client.mjs';

const QUESTIONS = ['teacher', 'street', 'pet', 'holiday', 'own'];

const value = (id) => document.getElementById(id).value;

/** Where `working` shows what goes on and what went wrong. */
export function statusPlace(prefix) {
  return h('div', { id: `${prefix}-status`, 'aria-live': 'polite' });
}

/**
 * Runs a form's work with the button disabled, a sentence for what goes on, and one for what went wrong.
 * @param {string} prefix of the ids `…-status` and `…-error`
 * @param {(error) => string} explain
 * @returns {Promise<boolean>} whether it worked
 */
export async function working(prefix, submitId, sentence, action, explain = sentenceFor) {
  const submit = document.getElementById(submitId);
  const place = document.getElementById(`${prefix}-status`);
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
    return true;
  } catch (error) {
    document
      .getElementById(`${prefix}-status`)
      ?.replaceChildren(
        notice('bad', [h('p', {}, explain(error)), supportCard()], `${prefix}-error`),
      );
    return false;
  } finally {
    submit.disabled = false;
    place.querySelector('.busy')?.remove();
  }
}

/** A password field whose switch and error stand in the right places. */
export function passwordField(id, label, autocomplete, { hint = null, after = null } = {}) {
  const { input, row } = passwordInput(t('password.show'), t('password.hide'), autocomplete);
  const wrapper = field({ id, label, hint, input, after });
  wrapper.insertBefore(row, after ?? wrapper.lastChild);
  row.prepend(input);
  return { wrapper, input };
}

function tooWeak(verdict, typed) {
  return t(`strength.${verdict.level}`, { missing: MIN_PASSWORD - Array.from(typed).length });
}

/** The hidden user name lets the browser's password store save the new password under the right address. */
function userName(address) {
  return h('input', {
    type: 'text',
    autocomplete: 'username',
    value: address,
    hidden: true,
    readonly: true,
    'aria-hidden': 'true',
    tabindex: '-1',
  });
}

/** What everybody here could guess of this customer. */
function guessable(address) {
  return [address, app.office?.name ?? '', window.location.hostname];
}

/** Two fields for a new password: `${prefix}-password` and `…-password2`. */
export function newPassword(prefix, address) {
  const [first, second] = [`${prefix}-password`, `${prefix}-password2`];
  const meter = h(
    'div',
    { class: 'strength', id: 'password-strength', 'aria-live': 'polite' },
    h('span', { class: 'meter', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'), h('i')),
    h('span', {}, ''),
  );
  const { wrapper, input } = passwordField(first, t('password.choose'), 'new-password', {
    hint: t('password.hint', { minimum: MIN_PASSWORD }),
    after: meter,
  });
  input.addEventListener('input', async () => {
    const typed = input.value;
    const verdict = await judgePassword(typed, guessable(address));
    if (!meter.isConnected || input.value !== typed) return;
    meter.dataset.level = verdict.level;
    meter.lastChild.textContent = tooWeak(verdict, typed);
  });
  const again = h('input', {
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    spellcheck: 'false',
    autocapitalize: 'none',
  });
  return [
    userName(address),
    wrapper,
    field({ id: second, label: t('password.repeat'), input: again }),
  ];
}

/** @returns {Promise<string|null>} the new password; null after saying what is wrong with it */
export async function acceptNewPassword(prefix, address) {
  const [first, second] = [`${prefix}-password`, `${prefix}-password2`];
  const typed = value(first);
  const verdict = await judgePassword(typed, guessable(address));
  const bad = verdict.level === 'short' || verdict.level === 'weak';
  fieldError(first, bad ? tooWeak(verdict, typed) : null);
  if (bad) return null;
  const same = typed.normalize('NFC') === value(second).normalize('NFC');
  fieldError(second, same ? null : t('password.differs'));
  return same ? typed : null;
}

/** A choice of questions, one of one's own, and the answer. */
export function newQuestion(prefix) {
  const own = field({
    id: `${prefix}-own-question`,
    label: t('question.own.label'),
    input: h('input', { type: 'text', autocomplete: 'off', maxlength: '200' }),
  });
  own.hidden = true;
  const follow = (e) => {
    own.hidden = e.target.value !== 'own';
  };
  const pick = h(
    'select',
    { onchange: follow, oninput: follow },
    QUESTIONS.map((name) => h('option', { value: name }, t(`question.${name}`))),
  );
  return [
    field({
      id: `${prefix}-question`,
      label: t('question.label'),
      input: pick,
      after: chosenInFull(pick),
    }),
    own,
    answerField(`${prefix}-answer`),
  ];
}

export function answerField(id) {
  return field({
    id,
    label: t('answer.label'),
    hint: t('answer.hint'),
    input: h('input', {
      type: 'text',
      autocomplete: 'off',
      required: true,
      spellcheck: 'false',
      maxlength: '200',
    }),
  });
}

/** @returns {string|null} the answer; null after saying that it is too short */
export function acceptAnswer(id) {
  const answer = value(id);
  const enough = Array.from(canonicalAnswer(answer)).length >= 3;
  fieldError(id, enough ? null : t('answer.short'));
  return enough ? answer : null;
}

/** @returns {{question: string, answer: string}|null} */
export function acceptQuestion(prefix) {
  const pick = value(`${prefix}-question`);
  const own = pick === 'own';
  const asked = own ? value(`${prefix}-own-question`).trim() : t(`question.${pick}`);
  if (own) fieldError(`${prefix}-own-question`, asked.length >= 5 ? null : t('question.missing'));
  if (asked.length < 5) return null;
  const answer = acceptAnswer(`${prefix}-answer`);
  return answer === null ? null : { question: asked.slice(0, 200), answer };
}

/** A field for 21 digits that groups them while they are typed. */
export function codeField(id, label, hint) {
  const input = h('input', {
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
  const count = t('code.count', { count: 0, total: CODE_LENGTH });
  const after = h('p', { class: 'hint', id: `${id}-count` }, count);
  return field({ id, label, hint, input, after });
}

function formatCode({ target: input }) {
  const before = codeDigits(input.value.slice(0, input.selectionStart)).length;
  input.value = groupCode(codeDigits(input.value));
  let caret = 0;
  for (let seen = 0; seen < before && caret < input.value.length; caret++)
    if (input.value[caret] !== ' ') seen++;
  input.setSelectionRange(caret, caret);
  const verdict = judgeCode(codeDigits(input.value));
  fieldError(input.id, verdict === 'typo' ? t('code.typo') : null, false);
  document.getElementById(`${input.id}-count`).textContent =
    verdict === 'plausible'
      ? t('code.complete')
      : t('code.count', { count: codeDigits(input.value).length, total: CODE_LENGTH });
}

/** @returns {string|null} 21 digits that may be right; null after saying what is wrong */
export function acceptCode(id) {
  const digits = codeDigits(value(id));
  const verdict = judgeCode(digits);
  fieldError(id, verdict === 'plausible' ? null : t(`code.${verdict}`));
  return verdict === 'plausible' ? digits : null;
}

/** The password of now, before something that a stranger at an unlocked screen must not do. */
export function presentPassword(prefix) {
  return passwordField(`${prefix}-present`, t('password.present'), 'current-password', {
    hint: t('password.present.hint'),
  }).wrapper;
}

/** @returns {string|null} what was typed; null after saying that it is missing */
export function acceptPresent(prefix) {
  const typed = value(`${prefix}-present`);
  fieldError(`${prefix}-present`, typed ? null : t('password.missing'));
  return typed || null;
}

/** The session that this browser still has, from before a reload for instance. */
async function presentSession() {
  const { sessions } = await get('/p/v1/sessions').catch(() => ({ sessions: [] }));
  return sessions.find((entry) => entry.current) ?? null;
}

/**
 * One OPAQUE login. The answer is not judged here. It begins a session of its own; the one before it ends,
 * so that nobody finds logins in the list that look like a stranger's and are one's own.
 * @returns {Promise<object|null>} the answer of login/finish, or null for a wrong password
 */
export async function proveLogin(address, password) {
  const [former, request] = await Promise.all([
    presentSession(),
    app.vault.call('startLogin', { password }),
  ]);
  const { login, response } = await change('POST', '/p/v1/login/start', { address, request });
  const finish = await app.vault.call('finishLogin', { response });
  if (finish === null) return null;
  const answer = await change('POST', '/p/v1/login/finish', { login, finish });
  if (former) await change('DELETE', `/p/v1/sessions/${former.id}`).catch(() => {});
  return answer;
}
