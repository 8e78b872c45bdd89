// SPDX-License-Identifier: GPL-3.0-or-later
//
// Browsers that lack something, and windows that keep nothing: what is missing is said in words before anybody
// types a password in vain, and what is not needed is not missed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { look } from '../lib/shots.mjs';
import { World, PASSWORD, says } from '../lib/world.mjs';

let world, kunde, message;

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  message = await world.staff.publish(kunde, { subject: 'Police', text: 'Anbei.' });
  const page = await world.browser();
  await world.register(page, kunde);
  await world.closeBrowser(page);
});

after(() => world?.close());

/** What /technical says of one thing. */
async function checked(page, name, result, words) {
  await page.waitForSelector('#technical-verdict', { timeout: 30000 });
  const row = page.locator(`[data-check=${name}]`);
  assert.match(await row.getAttribute('class'), new RegExp(result));
  assert.match(await row.textContent(), words);
}

async function refuses(page, words) {
  await page.goto(`${world.origin}/`);
  await page.waitForSelector('#login-form');
  await says(page, '#browser-lacks', words);
  await says(page, '#browser-lacks', /mit diesem Browser nicht/);
  await page.click('#lacks-technical');
}

// What iPhones call their lockdown mode does the same: no compiler, no WebAssembly.
test('without WebAssembly the page says so at once, and what to do', async () => {
  const page = await world.browser({ width: 320, height: 640, args: ['--js-flags=--jitless'] });
  await refuses(page, /WebAssembly funktioniert nicht.*Blockierungsmodus/);
  await checked(page, 'wasm', 'bad', /WebAssembly funktioniert nicht/);
  await says(page, '#technical-verdict', /nicht.*wenden Sie sich an uns/);
  await look(page, 'de-technical-no-wasm');
  await page.goto(`${world.origin}/register`);
  await says(page, '#browser-lacks', /WebAssembly/);
  await look(page, 'de-register-no-wasm');
  await world.closeBrowser(page);
});

test('without cookies, storage and IndexedDB the page names the cookies and misses nothing else', async () => {
  const page = await world.browser({
    preferences: { profile: { default_content_setting_values: { cookies: 2 } } },
  });
  await page.goto(`${world.origin}/`);
  await page.waitForSelector('#login-form');
  const found = await page.evaluate(async () => ({
    shared: typeof SharedArrayBuffer,
    database: await new Promise((resolve) => {
      try {
        const request = indexedDB.open('x');
        request.onsuccess = () => resolve('works');
        request.onerror = () => resolve('refused');
      } catch {
        resolve('refused');
      }
    }),
  }));
  assert.deepEqual(found, { shared: 'undefined', database: 'refused' });
  await refuses(page, /Cookies sind gesperrt/);
  await checked(page, 'cookies', 'bad', /erlauben Sie sie für diese Seite/);
  await checked(page, 'storage', 'good', /macht nichts/);
  await checked(page, 'wasm', 'good', /WebAssembly funktioniert/);
  await look(page, 'de-technical-no-cookies');
  await world.closeBrowser(page);
});

test('without WebCrypto, workers or a protected connection each is named', async () => {
  const page = await world.browser();
  await page.addInitScript(() => {
    Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });
    Object.defineProperty(window, 'isSecureContext', { get: () => false });
    delete window.Worker;
  });
  await page.goto(`${world.origin}/`);
  for (const words of [/WebCrypto/, /https:\/\//, /ließ sich nicht starten/])
    await says(page, '#browser-lacks', words);
  await page.click('#lacks-technical');
  await checked(page, 'worker', 'bad', /ließ sich nicht starten/);
  await checked(page, 'secure', 'bad', /nicht geschützt/);
  await look(page, 'de-technical-nothing');
  await world.closeBrowser(page);
});

test('without Trusted Types everything works, and the page says what is missing', async () => {
  const page = await world.browser();
  await page.addInitScript(() => {
    delete window.trustedTypes;
  });
  await page.goto(`${world.origin}/technical`);
  await checked(page, 'trusted', 'warn', /Trusted Types/);
  await says(page, '#technical-verdict', /funktioniert mit diesem Browser/);
  await world.closeBrowser(page);
});

test('in a private window a customer logs in and reads', async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const context = await browser.newContext({ locale: 'de-DE' });
    const page = await context.newPage();
    page.setDefaultTimeout(30000);
    await world.login(page, kunde);
    await page.waitForSelector('#inbox-list');
    await page.click('[data-testid=message-row]');
    await says(page, '#message-text', /Anbei/);
  } finally {
    await browser.close();
  }
});

test('a browser too old for the script is told so by the page itself, in both languages', async () => {
  const page = await world.browser();
  // What such a browser does: it does not understand the script, and shows what is in the page.
  await page.route('**/assets/app-*.js', (route) => route.abort());
  await page.goto(`${world.origin}/`);
  await says(page, '.loading', /zu alt.*aktualisieren Sie den Browser.*rufen Sie uns/s);
  await says(page, '.loading', /too old.*update the browser.*call us/s);
  await world.closeBrowser(page);
});

test('a password is pasted and shown and kept by the browser', async () => {
  const page = await world.browser();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {
    origin: world.origin,
  });
  await page.goto(`${world.origin}/`);
  await page.waitForSelector('#login-form');
  await page.evaluate((text) => navigator.clipboard.writeText(text), PASSWORD);
  await page.fill('#login-address', kunde.address);
  await page.focus('#login-password');
  await page.keyboard.press('Control+V');
  assert.equal(await page.inputValue('#login-password'), PASSWORD);
  assert.equal(await page.getAttribute('#login-password', 'type'), 'password');
  assert.equal(await page.getAttribute('#login-password', 'autocomplete'), 'current-password');
  assert.equal(await page.getAttribute('#login-address', 'autocomplete'), 'username');
  await page.click('.reveal');
  assert.equal(await page.getAttribute('#login-password', 'type'), 'text');
  await page.click('#login-submit');
  await page.waitForSelector('#logout', { timeout: 30000 });
  await page.click('#nav-account');
  await page.click('#open-password');
  await page.waitForSelector('#new-password');
  for (const [id, kind] of [
    ['#password-present', 'current-password'],
    ['#new-password', 'new-password'],
    ['#new-password2', 'new-password'],
  ]) {
    assert.equal(await page.getAttribute(id, 'autocomplete'), kind, id);
    assert.equal(await page.getAttribute(id, 'maxlength'), null, id);
  }
  await page.focus('#new-password2');
  await page.keyboard.press('Control+V');
  assert.equal(await page.inputValue('#new-password2'), PASSWORD);
  await world.closeBrowser(page);
});

test('answers that reach for prototypes change nothing', async () => {
  const evil = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},';
  let touched = 0;
  world.proxy.tamper = (path, method, body) => {
    if (!path.startsWith('/p/v1/') || body[0] !== 0x7b) return undefined;
    touched++;
    return Buffer.from(body.toString('utf8').replaceAll(/\{(?=")/g, `{${evil}`));
  };
  const page = await world.browser();
  await world.login(page, kunde);
  await page.waitForSelector('#inbox-list');
  await page.evaluate((id) => {
    history.pushState(null, '', `/message/${id}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, message.id);
  await says(page, '#message-text', /Anbei/);
  world.proxy.restore();
  assert.ok(touched > 3, String(touched));
  assert.equal(await page.evaluate(() => ({}).polluted), undefined);
  assert.equal(await page.workers()[0].evaluate(() => ({}).polluted), undefined);
  assert.deepEqual(page.complaints, []);
  await world.closeBrowser(page);
});
