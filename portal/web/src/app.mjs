// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page's state and its frame: which page is shown, header and footer, language, announcements to
// screen readers, and the lock. Holds no key (the vault does) and keeps nothing in the browser's storage
// but the language and the highest roster version of the office.

import { ApiError, change, get } from './api.mjs';
import { button, h, icon, notice } from './dom.mjs';
import { chooseLanguage, getLanguage, setLanguage, t } from './i18n.mjs';
import { IdleClock } from './idle.mjs';
import { Vault } from './vault-client.mjs';
import { recall, remember } from './memory.mjs';

export const app = {
  vault: new Vault(),
  office: null, // GET /p/v1/office, or null while unknown
  box: null, // what the open mailbox says of itself, or null while locked
  items: new Map(), // messages whose manifests the lists have opened and checked, by id
  opened: new Set(), // ids of messages whose texts the vault may still have
  lastAddress: '', // to be shown at the next login of this page
  typedAddress: '', // at the login that was left for "forgot your password?"
  after: null, // where to go after login
  kept: null, // {id, wrap, handle}: a sealed draft that could not be handed over before the lock
  locked: null, // why the page was locked: 'idle', 'expired', 'logout', 'deleted'
};

const FLUSH_LIMIT = 3000; // milliseconds for the last draft before a lock
const PATIENCE = 400; // milliseconds until a page that takes its time says so

let pages = [];
let current = { page: null, parts: [], leave: null };
let coming = null; // the address of the page that is being made, until it is shown
let turn = 0;
const idle = new IdleClock({
  warn: showIdleWarning,
  lock: () => lock('idle'),
  active: () => guarded(() => get('/p/v1/sessions')).catch(() => {}),
});

/** What the customer waits for counts as being there. */
export const stillThere = () => idle.touch();

/** Says a sentence to screen readers without moving the focus. */
export function announce(sentence) {
  document.getElementById('live').textContent = sentence;
}

const here = () => window.location.pathname + window.location.search;

/**
 * Shows another page. The address changes when the page is there, not at the press: until then the old one still
 * stands there, and browsers hold up requests for milliseconds while they change the address.
 */
export function navigate(path, replace = false) {
  return show({ path, enter: replace ? 'replaceState' : 'pushState' });
}

/** A link inside the portal: a real address, so that it can be opened in a new tab and read out. */
export function link(href, attributes, ...content) {
  return h('a', { href, ...attributes }, ...content);
}

function followLink(event) {
  const a = event.target.closest?.('a[href]');
  if (
    !a ||
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    a.target ||
    a.download
  )
    return;
  const url = new URL(a.href);
  if (
    url.origin !== window.location.origin ||
    a.getAttribute('href').startsWith('#') ||
    !pages.some((p) => p.match.test(url.pathname))
  )
    return;
  event.preventDefault();
  navigate(url.pathname + url.search);
}

function pageOf({ pathname, search }) {
  const page = pages.find((p) => p.match.test(pathname));
  if (!page) return { page: pages.find((p) => p.name === 'missing'), parts: [] };
  if (page.needsLogin && !app.box) {
    app.after = pathname + search;
    return { page: pages.find((p) => p.name === 'login'), parts: [] };
  }
  return { page, parts: page.match.exec(pathname).slice(1) };
}

/**
 * Shows the page of the current address and puts the focus on its heading. A page's render() gives
 * {title, node, focus?: id, mounted?: called when it is shown, leave?: called before
 * the next one with {same}: whether that is the same page again, for instance in another language}.
 */
export async function show({ path = here(), enter = null, keepFocus = false } = {}) {
  const mine = ++turn;
  const url = new URL(path, window.location.href);
  const { page, parts } = pageOf(url);
  const from = current; // which page this one comes after
  current.leave?.({ same: page === current.page });
  current = { page, parts, leave: null };
  coming = enter && path;
  const context = {
    parts,
    from,
    query: url.searchParams,
    stale: () => mine !== turn,
  };
  const shown = await rendered(page, context);
  if (mine !== turn) {
    shown.leave?.();
    return;
  }
  current.leave = shown.leave ?? null;
  coming = null;
  if (enter) history[enter](null, '', path);
  document.title = `${shown.title} · ${t('brand')}`;
  document
    .getElementById('app')
    .replaceChildren(header(page.name), h('main', { id: 'main' }, shown.node), footer(shown.node));
  announce('');
  if (!keepFocus) {
    focusHeading(shown.focus);
    window.scrollTo(0, 0);
  }
  shown.mounted?.();
}

/** A page that takes its time says so over the one before: who sees nothing happen presses again. */
async function rendered(page, context) {
  const timer = setTimeout(showWaiting, PATIENCE);
  try {
    return await page.render(context);
  } catch (error) {
    return failedView(t('failed.title'), error);
  } finally {
    clearTimeout(timer);
    if (!context.stale()) document.getElementById('waiting')?.remove();
  }
}

function showWaiting() {
  if (document.getElementById('waiting')) return;
  document.body.append(
    h(
      'div',
      { class: 'waiting', id: 'waiting', role: 'status' },
      h('span', { class: 'spinner', 'aria-hidden': 'true' }),
      h('span', {}, t('loading')),
    ),
  );
}

/** A page that could not be shown: why, and a button that tries it again. */
export function failedView(title, error, id = 'page-error') {
  const node = h(
    'div',
    { class: 'wide' },
    h('h1', {}, title),
    notice('bad', sentenceFor(error), id),
    h('p', {}, button('page-again', t('again'), () => show(), { kind: 'primary' })),
  );
  return { title, node };
}

/** Puts a notice above the page that is shown; it goes with it. */
export function tell(node) {
  document.getElementById('main')?.prepend(h('div', { class: 'wide' }, node));
}

function focusHeading(preferred) {
  const target =
    (preferred && document.getElementById(preferred)) || document.querySelector('main h1');
  if (target?.localName === 'h1') target.setAttribute('tabindex', '-1');
  target?.focus({ preventScroll: true });
}

/** Changes the language in place: what was typed stays. */
async function switchLanguage(language) {
  const values = Array.from(
    document.querySelectorAll('main input:not([type=file]), main textarea, main select'),
    (e) => [e.id, e.value],
  );
  setLanguage(language);
  remember('language', language);
  await show({ keepFocus: true });
  for (const [id, value] of values) {
    const input = id && document.getElementById(id);
    if (!input || input.value === value) continue;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }
  document.getElementById(`language-${language}`)?.focus();
}

function languageSwitch() {
  const one = (language, name) =>
    h(
      'button',
      {
        id: `language-${language}`,
        type: 'button',
        lang: language,
        'aria-pressed': String(getLanguage() === language),
        onclick: () => switchLanguage(language),
      },
      name,
    );
  return h(
    'div',
    { class: 'languages', role: 'group', 'aria-label': t('language') },
    one('de', 'Deutsch'),
    one('en', 'English'),
  );
}

function navigation(name) {
  const entry = (id, href, label, here) =>
    link(href, { id, class: 'tab', 'aria-current': here ? 'page' : null }, label);
  return h(
    'nav',
    { class: 'tabs', 'aria-label': t('nav.label') },
    entry('nav-inbox', '/inbox', t('nav.inbox'), name === 'inbox'),
    entry('nav-sent', '/sent', t('nav.sent'), name === 'sent'),
    entry('nav-compose', '/compose', t('nav.write'), name === 'compose'),
    entry('nav-account', '/account', t('nav.account'), name.startsWith('account')),
  );
}

function header(name) {
  const home = app.box ? '/inbox' : '/';
  return h(
    'header',
    { class: 'top' },
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (e) => {
          e.preventDefault();
          focusHeading();
        },
      },
      t('skip'),
    ),
    h(
      'div',
      { class: 'bar' },
      link(
        home,
        { class: 'brand', id: 'brand' },
        h('img', { src: __LOGO__, alt: '', width: '44', height: '44' }),
        h(
          'span',
          { class: 'brand-text' },
          h('strong', {}, app.office?.name ?? t('brand')),
          h('span', {}, t('brand.sub')),
        ),
      ),
      h(
        'div',
        { class: 'bar-end' },
        languageSwitch(),
        app.box &&
          button('logout', t('logout'), () => lock('logout'), { kind: 'quiet', symbol: 'lock' }),
      ),
    ),
    app.box &&
      h(
        'div',
        { class: 'bar second' },
        navigation(name),
        h('p', { class: 'who', id: 'who' }, t('who', { address: app.box.address })),
      ),
  );
}

/** The support contact, for every place where one can get stuck. */
export function supportCard() {
  const support = app.office?.support;
  if (!support) return h('p', {}, t('support.unknown'));
  return h(
    'div',
    { class: 'support', 'data-testid': 'support' },
    h('p', { class: 'support-head' }, t('support.title'), ' ', h('strong', {}, support.name)),
    support.phone &&
      h(
        'p',
        {},
        icon('phone'),
        link(`tel:${support.phone.replace(/[^+\d]/g, '')}`, {}, support.phone),
        support.hours && h('span', { class: 'soft' }, ` (${support.hours})`),
      ),
    support.mail && h('p', {}, icon('mail'), link(`mailto:${support.mail}`, {}, support.mail)),
  );
}

/** Every page shows the contact once: here, unless the page itself does. */
function footer(node) {
  const never = h('p', { class: 'soft' }, t('foot.never'));
  const elsewhere = node.querySelector('.support') !== null;
  return h(
    'footer',
    { class: 'foot' },
    h(
      'div',
      { class: 'foot-in' },
      elsewhere ? never : supportCard(),
      h(
        'nav',
        { 'aria-label': t('foot.label') },
        link('/technical', { id: 'link-technical' }, t('technical.link')),
        link('/support', { id: 'link-support' }, t('support.link')),
      ),
      !elsewhere && never,
    ),
  );
}

/** One sentence for whatever went wrong; never a code, never a library's words. */
export function sentenceFor(error) {
  if (error?.name === 'Refusal') return t(`refused.${error.code}`);
  if (error instanceof ApiError) {
    if (error.code === 'too-many-tries' && error.retryAfter)
      return error.retryAfter > 60
        ? t('error.wait', { minutes: Math.ceil(error.retryAfter / 60) })
        : t('error.wait-minute');
    const known = [
      'offline',
      'cancelled',
      'too-many-tries',
      'invitation-expired',
      'wrong-code',
      'wrong-password',
      'wrong-answer',
      'link-expired',
      'login-again',
      'not-found',
      'conflict',
      'too-large',
      'busy',
      'cross-site',
      'not-logged-in',
    ];
    return t(known.includes(error.code) ? `error.${error.code}` : 'error.internal');
  }
  return t(error?.message === 'load-failed' ? 'error.load-failed' : 'error.internal');
}

/** Requests of a logged-in page: if the session has ended, the page locks instead of showing half of something. */
export async function guarded(action) {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not-logged-in') await lock('expired');
    throw error;
  }
}

/** Another tab may have logged somebody else in: nothing is sent or saved in their name. */
export async function assertSameSession() {
  const { handle } = await get('/p/v1/session');
  if (handle !== app.box?.handle) throw new ApiError('not-logged-in', 401);
}

/** After login: remembers what may be remembered and starts the idle clock. */
export function unlocked(box) {
  app.box = box;
  app.locked = null;
  app.lastAddress = box.address;
  app.typedAddress = '';
  rememberRoster(box);
  idle.start((app.office?.idle_minutes ?? 15) * 60_000);
}

/** {office fingerprint: highest roster version that this browser has seen}. */
export function seenRosters() {
  return recall('rosters') ?? {};
}

export function rememberRoster({ office, version }) {
  remember('rosters', { ...seenRosters(), [office]: version });
}

/**
 * Ends the session and wipes the keys. The draft being written is sealed first, so that it can be taken
 * up after the next login; what is kept outside the vault is ciphertext.
 * @param {'idle'|'expired'|'logout'|'deleted'} reason
 */
export async function lock(reason) {
  if (!app.box) return;
  idle.stop();
  // Everything shown is thrown away, not hidden; and a hanging network does not keep the keys alive. Every page
  // is asked, not only this one: a draft that another left behind would be there for whoever logs in next
  // (test: "what was written is there for nobody else after the lock").
  document.getElementById('app').replaceChildren();
  await Promise.race([
    Promise.all(pages.map((page) => page.beforeLock?.())),
    new Promise((resolve) => setTimeout(resolve, FLUSH_LIMIT)),
  ]);
  app.vault.lock();
  app.box = null;
  app.items.clear();
  app.opened.clear();
  app.locked = reason;
  const goOn = reason === 'idle' || reason === 'expired';
  app.after = goOn ? (coming ?? here()) : null;
  if (reason === 'idle' || reason === 'logout')
    await change('POST', '/p/v1/logout').catch(() => {});
  await navigate('/', true);
}

function showIdleWarning(seconds) {
  const old = document.getElementById('idle-warning');
  if (seconds === null) {
    old?.remove();
    return;
  }
  if (old) return;
  document.body.append(
    h(
      'div',
      { class: 'idle', id: 'idle-warning', role: 'alert' },
      h('p', {}, t('idle.warning')),
      button('idle-stay', t('idle.stay'), () => idle.touch(), { kind: 'primary' }),
    ),
  );
}

async function loadOffice() {
  try {
    app.office = await get('/p/v1/office');
  } catch {
    app.office = null; // unknown: the pages say so, and login will show what is wrong
  }
}

/** Starts the pages. `list`: [{name, match: RegExp, needsLogin, render, beforeLock}] */
export async function start(list) {
  pages = list;
  setLanguage(
    recall('language') ??
      chooseLanguage(navigator.languages?.length ? navigator.languages : [navigator.language]),
  );
  document.addEventListener('click', followLink);
  window.addEventListener('popstate', () => show());
  await loadOffice();
  await show();
}
