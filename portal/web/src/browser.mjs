// SPDX-License-Identifier: GPL-3.0-or-later
//
// What this browser lacks that nothing here works without. Only looks whether it is there; whether it works is
// what /technical tries out.

import { h, notice } from './dom.mjs';
import { t } from './i18n.mjs';

const TRIAL = 'siegelpost-trial';

/** Asked by setting one, which goes at once: some browsers say that they have cookies and keep none. */
export function cookiesWork() {
  try {
    document.cookie = `${TRIAL}=1; path=/; SameSite=Strict`;
    const kept = document.cookie.includes(`${TRIAL}=1`);
    document.cookie = `${TRIAL}=; path=/; SameSite=Strict; Max-Age=0`;
    return kept && navigator.cookieEnabled;
  } catch {
    return false;
  }
}

/** @returns {string[]} names of `technical.….bad` */
export function lacking() {
  return [
    !window.isSecureContext && 'secure',
    !cookiesWork() && 'cookies',
    typeof Worker !== 'function' && 'worker',
    typeof crypto?.subtle !== 'object' && 'webcrypto',
    typeof WebAssembly !== 'object' && 'wasm',
  ].filter(Boolean);
}

/** A box that says it before anybody types a password in vain; null where all is there. */
export function lackingNotice(link) {
  const missing = lacking();
  if (missing.length === 0) return null;
  return notice(
    'bad',
    [
      h('p', {}, h('strong', {}, t('technical.verdict.bad'))),
      ...missing.map((name) => h('p', {}, t(`technical.${name}.bad`))),
      h('p', {}, link),
    ],
    'browser-lacks',
  );
}
