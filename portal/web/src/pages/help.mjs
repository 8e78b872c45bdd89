// SPDX-License-Identifier: GPL-3.0-or-later
//
// The pages for those who are stuck: support, technical prerequisites, and an address that does not exist.
// They promise nothing that the portal does not do.

import { announce, app, link, sentenceFor, supportCard } from '../app.mjs';
import { get } from '../api.mjs';
import { cookiesWork, lacking } from '../browser.mjs';
import { button, h, icon, notice } from '../dom.mjs';
import { t } from '../i18n.mjs';

function article(id, key, ...content) {
  const title = t(`${key}.title`);
  return {
    title,
    node: h(
      'div',
      { class: 'narrow' },
      h('article', { class: 'card', id }, h('h1', {}, title), ...content),
    ),
  };
}

function backToLogin() {
  return h('p', { class: 'links divided' }, link('/', { id: 'back-to-login' }, t('back.login')));
}

async function renderSupport() {
  return article(
    'support-page',
    'support.page',
    h('p', {}, t('support.page.what')),
    supportCard(),
    h('p', {}, t('support.page.paper')),
    h('p', {}, t('foot.never')),
    h(
      'p',
      { class: 'links divided' },
      link('/technical', { id: 'support-technical' }, t('technical.link')),
      ' · ',
      link(app.box ? '/inbox' : '/', { id: 'support-back' }, t('back.start')),
    ),
  );
}

async function renderMissing() {
  return article(
    'missing',
    'missing',
    h('p', {}, t('missing.what')),
    h('p', {}, link(app.box ? '/inbox' : '/', { id: 'missing-back' }, t('back.start'))),
  );
}

/** Storage may be off: the portal keeps nothing but the language and a number. Said, so that nobody wonders. */
function storageWorks() {
  try {
    window.localStorage.setItem('siegelpost.test', '1');
    window.localStorage.removeItem('siegelpost.test');
    return true;
  } catch {
    return false;
  }
}

/** Each check: 'good', 'warn' or 'bad'; 'off' where that is as good. */
async function checks() {
  const results = [['secure', window.isSecureContext ? 'good' : 'bad']];
  results.push(['cookies', cookiesWork() ? 'good' : 'bad']);
  results.push(['storage', storageWorks() ? 'good' : 'off']);
  results.push(['trusted', window.trustedTypes ? 'good' : 'warn']);
  try {
    await get('/p/v1/office');
    results.push(['server', 'good']);
  } catch {
    results.push(['server', 'bad']);
  }
  try {
    const found = await app.vault.call('selfTest');
    results.push(['worker', 'good']);
    for (const name of ['webcrypto', 'wasm', 'opaque', 'openpgp'])
      results.push([name, found[name] ? 'good' : 'bad']);
    results.push(['speed', found.milliseconds < 8000 ? 'good' : 'warn']);
  } catch {
    results.push(['worker', 'bad']);
    // Why, where that can be seen from here.
    for (const name of lacking())
      if (['webcrypto', 'wasm'].includes(name)) results.push([name, 'bad']);
  }
  return results;
}

function verdictOf(results) {
  const worst = ['bad', 'warn'].find((level) => results.some(([, r]) => r === level)) ?? 'good';
  return notice(
    worst,
    h('p', {}, h('strong', {}, t(`technical.verdict.${worst}`))),
    'technical-verdict',
  );
}

async function runChecks() {
  const place = document.getElementById('technical-results');
  place.replaceChildren(
    h(
      'div',
      { class: 'busy' },
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      h('span', {}, t('technical.running')),
    ),
  );
  try {
    const results = await checks();
    place.replaceChildren(
      verdictOf(results),
      h(
        'ul',
        { class: 'checks' },
        results.map(([name, result]) =>
          h(
            'li',
            { class: result === 'off' ? 'good' : result, 'data-check': name },
            icon(['good', 'off'].includes(result) ? 'check' : 'alert'),
            h('span', {}, t(`technical.${name}.${result === 'warn' ? 'bad' : result}`)),
          ),
        ),
      ),
    );
    announce(place.querySelector('strong').textContent);
  } catch (error) {
    place.replaceChildren(notice('bad', sentenceFor(error)));
  }
}

async function renderTechnical() {
  const shown = article(
    'technical',
    'technical',
    h('p', {}, t('technical.what')),
    h(
      'ul',
      { class: 'points' },
      h('li', {}, t('technical.browsers')),
      h('li', {}, t('technical.script')),
      h('li', {}, t('technical.storage')),
    ),
    h('h2', {}, t('technical.test')),
    h('div', { id: 'technical-results', 'aria-live': 'polite' }),
    button('technical-run', t('technical.run'), runChecks, { kind: 'quiet' }),
    supportCard(),
    backToLogin(),
  );
  return { ...shown, mounted: runChecks };
}

export const helpPages = [
  { name: 'support', match: /^\/support$/, needsLogin: false, render: renderSupport },
  { name: 'technical', match: /^\/technical$/, needsLogin: false, render: renderTechnical },
  { name: 'missing', match: /^(?!)/, needsLogin: false, render: renderMissing },
];
