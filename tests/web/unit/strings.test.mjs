// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILD, load } from './load.mjs';

const { CATALOGUES, setLanguage, t } = await load('i18n.mjs');
const { REFUSALS } = await load('lib/refusal.mjs');
const ACCOUNT = ['password', 'question', 'code', 'sessions', 'keys', 'export', 'delete'];
const root = join(BUILD, 'portal/web/src');
const names = (await readdir(root, { recursive: true })).filter(
  (name) => name.endsWith('.mjs') && !name.startsWith('strings'),
);
const source = (await Promise.all(names.map((name) => readFile(join(root, name), 'utf8')))).join(
  '\n',
);
const parameters = (sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort().join(' ');

test('German and English have the same sentences with the same parameters', () => {
  assert.deepEqual(Object.keys(CATALOGUES.de).sort(), Object.keys(CATALOGUES.en).sort());
  for (const [key, sentence] of Object.entries(CATALOGUES.en))
    assert.equal(parameters(CATALOGUES.de[key]), parameters(sentence), key);
});

test('no sentence is empty, and none was left untranslated', () => {
  const same = new Set(['brand', 'brand.sub']);
  for (const [key, sentence] of Object.entries(CATALOGUES.de)) {
    assert.ok(sentence.trim(), key);
    if (!same.has(key) && sentence.length > 12) assert.notEqual(sentence, CATALOGUES.en[key], key);
  }
});

test('every key that the pages name is in the catalogue', () => {
  const named = [...source.matchAll(/\bt\(\s*(?:[^'`()]*\? )?'([a-z0-9.-]+)'/g)].map((m) => m[1]);
  assert.ok(named.length > 100);
  for (const key of named) assert.ok(key in CATALOGUES.en, key);
});

test('every made-up key has all its sentences', () => {
  const families = {
    'refused.': REFUSALS,
    'register.step.': ['code', 'password', 'question', 'done'],
    'register.head.': ['code', 'password', 'question', 'done'],
    'strength.': ['short', 'weak', 'fair', 'good', 'strong', 'unknown'],
    'code.': ['short', 'typo'],
    'working.': ['password', 'answer', 'keys'],
    'draft.': ['saving', 'saved', 'failed'],
    'question.': ['teacher', 'street', 'pet', 'holiday', 'own'],
    'back.': ['inbox', 'sent'],
    'recover.head.': [
      ...['start', 'question', 'code', 'password', 'done'],
      ...['unknown', 'expired', 'over', 'late'],
    ],
    'account.': ACCOUNT,
    'keys.kind.': ['openpgp', 'smime'],
    'technical.verdict.': ['good', 'warn', 'bad'],
    'error.': [
      'offline',
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
      'internal',
    ],
  };
  for (const [prefix, list] of Object.entries(families))
    for (const name of list) assert.ok(prefix + name in CATALOGUES.de, prefix + name);
  for (const name of ACCOUNT) assert.ok(`account.${name}.short` in CATALOGUES.de, name);
});

test('of one thing the sentence speaks of one', () => {
  setLanguage('de');
  assert.equal(t('list.loaded', { count: 1 }), '1 ältere Nachricht wurde hinzugefügt.');
  assert.equal(t('list.loaded', { count: 2 }), '2 ältere Nachrichten wurden hinzugefügt.');
  assert.match(t('export.done', { count: 1, size: '2 KB' }), /1 Nachricht, 2 KB/);
  for (const key of Object.keys(CATALOGUES.en).filter((name) => name.endsWith('.one')))
    assert.ok(key.replace(/\.one$/, '') in CATALOGUES.en, key);
});

test('no sentence is there for nothing', () => {
  for (const key of Object.keys(CATALOGUES.en)) {
    const stem = key.slice(0, key.lastIndexOf('.') + 1);
    const used =
      source.includes(`'${key.replace(/\.one$/, '')}'`) ||
      source.includes(`\`${stem}\${`) ||
      /\.(title|head)$/.test(key) ||
      /^technical\.\w+\.(good|bad|off)$/.test(key) ||
      /^account\.\w+\.short$/.test(key) ||
      source.includes(`\`\${folder}.${key.split('.')[1]}\``);
    assert.ok(used, key);
  }
});

test('only two files may make HTML or script addresses from strings', async () => {
  for (const name of names) {
    const text = await readFile(join(root, name), 'utf8');
    if (!['html-view.mjs', 'vault-client.mjs', 'trusted.mjs'].includes(name)) {
      assert.doesNotMatch(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|trusted\.mjs/,
        name,
      );
    }
  }
});
