// SPDX-License-Identifier: GPL-3.0-or-later
//
// The judge of passwords with the word lists as they are served. Only the worker's frame is played: the bundle
// itself runs.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { BUILD, load } from './load.mjs';

const assets = join(BUILD, 'portal/web/dist/assets');
const name = (await readdir(assets)).find((file) => file.startsWith('strength-'));
const bundle = await readFile(join(assets, name), 'utf8');

globalThis.window = { location: { origin: 'http://portal.example' } };
globalThis.__STRENGTH__ = { url: `/assets/${name}`, integrity: '' };
globalThis.fetch = async () => new Response(bundle);
URL.createObjectURL = () => 'blob:http://portal.example/1';
globalThis.Worker = class {
  #inside = {};
  #listeners = new Set();

  constructor() {
    this.#inside.postMessage = (data) => {
      for (const listen of this.#listeners) listen({ data });
    };
    const seen = { self: this.#inside, performance, TextEncoder, TextDecoder, atob, btoa, console };
    runInContext(bundle, createContext(seen));
  }

  addEventListener(kind, listen) {
    if (kind === 'message') this.#listeners.add(listen);
  }

  removeEventListener(kind, listen) {
    this.#listeners.delete(listen);
  }

  postMessage(data) {
    this.#inside.onmessage({ data });
  }
};

const { judgePassword } = await load('strength-client.mjs');
const level = async (password, context = []) => (await judgePassword(password, context)).level;

test('passwords from lists are weak however long', async () => {
  for (const password of [
    ...['123456789012', 'passwort1234', 'password1234', 'passwordpassword', 'qwertzuiopü+'],
    ...['qwertyuiop[]', 'aaaaaaaaaaaaaaaa', 'abcabcabcabcabc', 'Schatz123456', '1q2w3e4r5t6z'],
    ...['11111111111111111111', 'hallohallohallo', 'fussball123456', 'iloveyou1234'],
  ])
    assert.equal(await level(password), 'weak', password);
});

test('less than twelve characters are too short, counted as people count them', async () => {
  assert.equal(await level('Xk7#mQ2$vZ9'), 'short');
  assert.equal(await level('😀'.repeat(11)), 'short');
  assert.notEqual(await level('Xk7#mQ2$vZ9!'), 'short');
});

test('what everybody could guess here makes no password', async () => {
  const address = 'karla.kundin@kundenpost.example';
  const context = [address, 'Versicherungsagentur Muster', 'portal.example'];
  for (const password of [
    ...['karlakundin1', 'kundenpost12', 'Kundin-Karla', 'siegelpost12', 'webmailportal'],
    ...['versicherungsagentur', 'agenturmuster', 'musteragentur'],
  ]) {
    assert.equal(await level(password, context), 'weak', password);
  }
  // The same letters are no weak password where nobody could guess them.
  assert.notEqual(await level('kundenpost12', []), 'weak');
});

test('a password may be as long as somebody likes', async () => {
  assert.equal(await level('Gewitter Laterne Biber 17'), 'strong');
  assert.equal(await level('Gewitter Laterne Biber 17 '.repeat(400)), 'strong');
  assert.equal(await level('漢字とかな交じり文を使う'), 'strong');
});
