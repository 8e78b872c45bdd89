// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { canonicalAddress, canonicalAnswer, canonicalPassword, cleanLine, safeFileName } =
  await load('lib/text.mjs');
const { chooseLanguage } = await load('i18n.mjs');

test('two spellings of an address are one address', () => {
  assert.equal(canonicalAddress(' Erika.Muster@Example.ORG '), 'erika.muster@example.org');
  assert.equal(canonicalAddress('info@Bücher.example'), 'info@xn--bcher-kva.example');
  assert.equal(canonicalAddress('mu\u0308ller@example.org'), 'müller@example.org');
});

test('what is no address is refused', () => {
  for (const bad of [
    '',
    'erika',
    '@example.org',
    'a@b',
    'a b@example.org',
    'a@exa mple.org',
    '<a@example.org>',
    'a@example.org/x',
    'a@b.example,c@d.example',
  ])
    assert.equal(canonicalAddress(bad), null, bad);
});

test('answers do not mind case, spaces, umlauts and punctuation', () => {
  assert.equal(canonicalAnswer('Müller-Straße 4'), canonicalAnswer('MUELLER STRASSE, 4!'));
  assert.equal(canonicalAnswer('mu\u0308ller'), 'mueller');
  assert.notEqual(canonicalAnswer('Muller'), canonicalAnswer('Müller'));
});

test('passwords keep every character that was typed', () => {
  assert.equal(canonicalPassword(' Ä b '), ' Ä b ');
  assert.equal(canonicalPassword('A\u0308'), 'Ä');
});

test('names cannot turn the direction of writing or break the line', () => {
  assert.equal(cleanLine('Rechnung\u202Efdp.exe\r\nBcc: x'), 'Rechnungfdp.exe Bcc: x');
  assert.equal(cleanLine(undefined), '');
  assert.equal(Array.from(cleanLine('x'.repeat(999))).length, 300);
});

test('file names stay in the folder where they are saved', () => {
  assert.equal(safeFileName('../../etc/passwd'), '_.._etc_passwd');
  assert.equal(safeFileName('C:\\boot.ini'), 'C__boot.ini');
  assert.equal(safeFileName('CON'), '_CON');
  assert.equal(safeFileName('nul.txt'), '_nul.txt');
  assert.equal(safeFileName('...'), 'attachment');
  assert.equal(safeFileName('photo\u202Egnp.exe'), 'photognp.exe');
  assert.equal(safeFileName('.htaccess'), 'htaccess');
  const long = safeFileName(`${'ü'.repeat(300)}.pdf`);
  assert.ok(Buffer.byteLength(long) <= 150 && long.endsWith('.pdf'));
});

test('the language is the first wanted one that we speak', () => {
  assert.equal(chooseLanguage(['fr-FR', 'de-AT', 'en']), 'de');
  assert.equal(chooseLanguage(['en-US', 'de']), 'en');
  assert.equal(chooseLanguage(['fr', undefined]), 'en');
  assert.equal(chooseLanguage(['constructor']), 'en');
});
