// SPDX-License-Identifier: GPL-3.0-or-later
//
// Log in. The password goes into the vault and never over the network (OPAQUE).

import { app, announce, link, navigate, seenRosters, sentenceFor, unlocked } from '../app.mjs';
import { change } from '../api.mjs';
import { lackingNotice } from '../browser.mjs';
import { passwordField, proveLogin } from '../choose.mjs';
import { button, field, fieldError, h, notice } from '../dom.mjs';
import { t } from '../i18n.mjs';
import { canonicalAddress } from '../lib/text.mjs';

async function login(address, password) {
  const answer = await proveLogin(address, password);
  if (answer === null) return null;
  return app.vault.call('openMailbox', {
    answer,
    portal: window.location.origin,
    seen: seenRosters(),
  });
}

/** Hands over the draft that the lock could not deliver. It stays in memory if that fails again. */
async function deliverKept() {
  // Somebody else may have logged in here meanwhile: a draft goes to nobody but its owner.
  if (app.kept?.handle !== app.box.handle) return;
  try {
    await change('PUT', `/p/v1/drafts/${app.kept.id}`, { wrap: app.kept.wrap });
    app.kept = null;
  } catch {
    // The next login tries again.
  }
}

function setBusy(busy) {
  const submit = document.getElementById('login-submit');
  if (!submit) return;
  submit.disabled = busy;
  submit.querySelector('span').textContent = t(busy ? 'login.busy' : 'login.submit');
}

function showFailure(error) {
  const place = document.getElementById('login-error');
  const sentence = error === null ? t('error.wrong-password') : sentenceFor(error);
  place.replaceChildren(notice('bad', sentence));
  document.getElementById('login-password').focus();
}

async function onSubmit(event) {
  event.preventDefault();
  const typed = document.getElementById('login-address');
  const password = document.getElementById('login-password');
  document.getElementById('login-error').replaceChildren();
  const address = canonicalAddress(typed.value);
  fieldError('login-address', address ? null : t('address.invalid'));
  if (!address) return;
  fieldError('login-password', password.value ? null : t('password.missing'));
  if (!password.value) return;
  setBusy(true);
  announce(t('login.busy'));
  try {
    const box = await login(address, password.value);
    if (box === null) showFailure(null);
    else await enter(box);
  } catch (error) {
    showFailure(error);
  } finally {
    setBusy(false);
  }
}

async function enter(box) {
  const same = app.lastAddress === '' || app.lastAddress === box.address;
  unlocked(box);
  await deliverKept();
  const target = (same && app.after) || '/inbox';
  app.after = null;
  await navigate(target === '/' ? '/inbox' : target, true);
}

function why() {
  const point = (key) => h('li', {}, h('strong', {}, t(`${key}.head`)), ' ', t(key));
  return h(
    'aside',
    { class: 'why', 'aria-label': t('why.label') },
    h('img', { src: __LOGO__, alt: '', width: '120', height: '120', class: 'why-seal' }),
    h('h2', {}, t('why.title', { office: app.office?.name ?? t('why.office') })),
    h('ul', { class: 'points' }, point('why.sealed'), point('why.password'), point('why.phishing')),
  );
}

function lockNotice() {
  if (app.locked === 'idle') return notice('warn', t('locked.idle'), 'locked-notice');
  if (app.locked === 'expired') return notice('warn', t('locked.expired'), 'locked-notice');
  if (app.locked === 'deleted') return notice('good', t('locked.deleted'), 'locked-notice');
  if (app.locked === 'logout') return notice('good', t('locked.logout'), 'locked-notice');
  return app.after ? notice('info', t('locked.reload'), 'locked-notice') : null;
}

async function render() {
  if (app.box) {
    return {
      title: t('nav.inbox'),
      node: h('p', {}, t('loading')),
      mounted: () => navigate('/inbox', true),
    };
  }
  const address = h('input', {
    type: 'email',
    autocomplete: 'username',
    required: true,
    inputmode: 'email',
    autocapitalize: 'none',
    spellcheck: 'false',
    value: app.lastAddress,
  });
  // The vault loads while people type.
  const early = (event) => event.target.localName === 'input' && app.vault.start().catch(() => {});
  const form = h(
    'form',
    { class: 'card', id: 'login-form', onsubmit: onSubmit, onfocusin: early, novalidate: true },
    h('h1', {}, t('login.title')),
    lackingNotice(link('/technical', { id: 'lacks-technical' }, t('technical.link'))),
    lockNotice(),
    field({ id: 'login-address', label: t('address.label'), input: address }),
    passwordField('login-password', t('password.label'), 'current-password').wrapper,
    h('div', { id: 'login-error', 'aria-live': 'polite' }),
    button('login-submit', t('login.submit'), null, { kind: 'primary wide', type: 'submit' }),
    h(
      'p',
      { class: 'links' },
      link('/help/password', { id: 'link-forgot-password' }, t('login.forgot')),
    ),
    h(
      'p',
      { class: 'links divided' },
      t('login.first'),
      ' ',
      link('/register', { id: 'link-register' }, t('login.register')),
    ),
  );
  return {
    title: t('login.title'),
    node: h('div', { class: 'two' }, form, why()),
    focus: app.lastAddress ? 'login-password' : null,
    leave() {
      if (!app.box) app.typedAddress = address.value;
    },
  };
}

export const loginPage = { name: 'login', match: /^\/(?:login)?$/, needsLogin: false, render };
