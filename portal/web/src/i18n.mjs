// SPDX-License-Identifier: GPL-3.0-or-later
//
// The language of the pages, and how dates and sizes are written in it. Sentences live in strings/*.mjs;
// a key that is missing is a mistake of ours and is found by a test, never shown as an empty place.

import de from './strings/de.mjs';
import en from './strings/en.mjs';

export const CATALOGUES = { de, en };
let language = 'en';

/** @returns {'de'|'en'} the first of the wanted languages that we speak; English if none */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    const base = String(tag).toLowerCase().split('-')[0];
    if (Object.hasOwn(CATALOGUES, base)) return base;
  }
  return 'en';
}

export function setLanguage(next) {
  language = next;
  if (typeof document !== 'undefined') document.documentElement.lang = next;
}

export function getLanguage() {
  return language;
}

/** The sentence of a key; {name} is replaced by the parameter of that name. Of a `count` of 1 the key with `.one`. */
export function t(key, parameters = {}) {
  const catalogue = CATALOGUES[language];
  const one = parameters.count === 1 && catalogue[`${key}.one`];
  const sentence = one || catalogue[key];
  if (sentence === undefined) throw new Error(`no sentence ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(parameters[name]));
}

const locale = () => (language === 'de' ? 'de-DE' : 'en-GB');
const formatters = new Map(); // made once for each language: a list shows hundreds of dates, and each costs

function formatter(kind, options) {
  const key = `${kind.name} ${language} ${Object.entries(options)}`;
  if (!formatters.has(key)) formatters.set(key, new kind(locale(), options));
  return formatters.get(key);
}

/** @param {number} seconds since 1970 */
export function showDate(seconds, withTime = true) {
  const options = withTime ? { dateStyle: 'long', timeStyle: 'short' } : { dateStyle: 'long' };
  return formatter(Intl.DateTimeFormat, options).format(new Date(seconds * 1000));
}

/** Short form for lists: the time today, else the day. */
export function showShortDate(seconds, now = Date.now()) {
  const date = new Date(seconds * 1000);
  const today = new Date(now).toDateString() === date.toDateString();
  const options = today
    ? { hour: '2-digit', minute: '2-digit' }
    : { day: 'numeric', month: 'short', year: 'numeric' };
  return formatter(Intl.DateTimeFormat, options).format(date);
}

/** @param {number} milliseconds since 1970; the time alone */
export function showTime(milliseconds) {
  const options = { hour: '2-digit', minute: '2-digit' };
  return formatter(Intl.DateTimeFormat, options).format(new Date(milliseconds));
}

/** A limit in whole MB: "52 MB" and not "52.4 MB", and never more than there is. */
export function showLimit(bytes) {
  return showSize(Math.max(1, Math.floor(bytes / 1e6)) * 1e6);
}

/** Sizes as people count them: 1 MB is a million bytes. */
export function showSize(bytes) {
  const number = (value, digits) =>
    formatter(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value);
  if (bytes < 1000) return `${number(bytes, 0)} B`;
  if (bytes < 1e6) return `${number(bytes / 1000, 0)} KB`;
  return `${number(bytes / 1e6, 1)} MB`;
}
