// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every page and its states as an impatient customer sees them: on a phone of 320 px and on a desktop, in both
// languages, light and dark, at 200 % zoom and with letters twice as large. look() judges each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible } from '../lib/axe.mjs';
import { look } from '../lib/shots.mjs';
import { World, PASSWORD, says } from '../lib/world.mjs';

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsversicherungsbestätigungsnummer'.repeat(2);
const ARABIC = 'شركة التأمين – عرض رقم 12';
// What people set who do not see well.
const LARGE = { webkit: { webprefs: { default_font_size: 32, default_fixed_font_size: 26 } } };
const VIEWS = [
  { name: 'de-phone-dark', width: 320, height: 640, locale: 'de-DE', colorScheme: 'dark' },
  { name: 'en-phone-light', width: 320, height: 640, locale: 'en-GB', colorScheme: 'light' },
  { name: 'de-desk-light', width: 1280, height: 900, locale: 'de-DE', colorScheme: 'light' },
  { name: 'en-desk-dark', width: 1280, height: 900, locale: 'en-GB', colorScheme: 'dark' },
  // What a window of 1280 x 900 px shows at 200 %.
  { name: 'de-zoom', width: 640, height: 450, locale: 'de-DE', colorScheme: 'light' },
  { name: 'de-letters', width: 640, height: 900, locale: 'de-DE', preferences: LARGE },
];
let world, full, bare, odd, many;

before(async () => {
  world = await new World().open();
  full = await world.staff.invite('karla.kundin-mit-langem-namen@kundenpost.example');
  bare = await world.staff.invite('neu@kundenpost.example');
  for (let n = 1; n <= 50; n++)
    await world.staff.publish(full, { subject: `Rechnung ${n}`, text: `Text ${n}` });
  many = await world.staff.publish(full, {
    subject: 'Viele Anlagen',
    text: 'Anbei alles.',
    files: Array.from({ length: 40 }, (_, n) => ({
      name: n % 3 ? `Anlage ${n} – Übersicht.pdf` : `${LONG}${n}.pdf`,
      type: 'application/pdf',
      bytes: Buffer.alloc(100 + n * 1000, 7),
    })),
  });
  odd = await world.staff.publish(full, {
    subject: `${ARABIC} ${LONG}`,
    text: `${ARABIC}\n\nGuten Tag,\n${LONG}\n${'wort '.repeat(2000)}`,
    html: `<p dir="rtl">${ARABIC}</p><table><tr>${'<td>Zelle</td>'.repeat(40)}</tr></table>`,
    over: { from: { name: ARABIC, address: world.staff.address } },
    files: [{ name: `${ARABIC}.pdf`, type: 'application/pdf', bytes: Buffer.from('%PDF') }],
  });
  const page = await world.browser();
  await world.register(page, full);
  await page.goto('about:blank');
  await world.register(page, bare);
  await world.closeBrowser(page);
});

after(() => world?.close());

/** Shows an address in a page that is open already, as a link inside would. */
async function go(page, path, ready) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
  await page.waitForSelector(ready, { timeout: 30000 });
}

async function strangerPages(page, name) {
  await page.goto(`${world.origin}/`);
  await page.waitForSelector('#login-form');
  await look(page, `${name}-login`);
  await page.fill('#login-address', 'kein-at-zeichen');
  await page.click('#login-submit');
  await page.waitForSelector('#login-address[aria-invalid=true]');
  await look(page, `${name}-login-error`);
  for (const [path, ready] of [
    ['/register', '#register-code'],
    ['/support', '#support-page'],
    ['/help/password', '#help-password'],
    ['/help/answer', '#help-answer'],
    ['/nowhere', '#missing'],
    ['/recover', '#recover-incomplete'],
    ['/technical', '#technical-verdict'],
  ]) {
    await go(page, path, ready);
    await look(page, `${name}${path.replaceAll('/', '-')}`);
  }
}

async function mailPages(page, name) {
  await page.goto(`${world.origin}/`);
  await world.login(page, full);
  await page.waitForSelector('#list-more');
  assert.equal(await page.locator('[data-testid=message-row]').count(), 50);
  await look(page, `${name}-inbox-50`);
  await page.click('#list-more');
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid=message-row]').length === 52,
  );
  for (const [message, called] of [
    [odd, 'odd'],
    [many, 'many'],
  ]) {
    await go(page, `/message/${message.id}`, '#message-text');
    await look(page, `${name}-message-${called}`);
  }
  await go(page, `/message/${odd.id}`, '#message-toggle');
  await page.click('#message-toggle');
  await page.waitForSelector('#message-html');
  await look(page, `${name}-message-html`);
  await go(page, `/message/01890000-0000-7000-8000-000000000000`, '#message-refused');
  await look(page, `${name}-message-gone`);
  await go(page, `/compose?reply=${odd.id}`, '#compose-form');
  await look(page, `${name}-reply`);
  await page.setInputFiles(
    '#compose-file',
    Array.from({ length: 12 }, (_, n) => ({
      name: n % 2 ? `${LONG}.jpg` : `Foto ${n}.jpg`,
      mimeType: 'image/jpeg',
      buffer: Buffer.alloc(500_000, 1),
    })),
  );
  await page.fill('#compose-subject', '');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-subject[aria-invalid=true]');
  await look(page, `${name}-reply-error`);
  await page.click('#compose-discard');
  await page.waitForSelector('#inbox-list');
}

async function accountPages(page, name) {
  await go(page, '/account', '#account');
  await look(page, `${name}-account`);
  for (const section of ['password', 'question', 'code', 'sessions', 'keys', 'export', 'delete']) {
    await go(page, `/account/${section}`, `#account-${section}`);
    await look(page, `${name}-account-${section}`);
  }
}

async function emptyPages(page, name) {
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  await look(page, `${name}-locked`);
  await page.fill('#login-address', '');
  await world.login(page, bare);
  await page.waitForSelector('#list-empty');
  await look(page, `${name}-inbox-empty`);
  await page.click('#nav-sent');
  await page.waitForSelector('#list-empty');
  await look(page, `${name}-sent-empty`);
}

for (const view of VIEWS)
  test(`every page is well to look at and to press: ${view.name}`, async () => {
    const page = await world.browser(view);
    await strangerPages(page, view.name);
    await mailPages(page, view.name);
    await accountPages(page, view.name);
    await emptyPages(page, view.name);
    const letters = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
    assert.equal(letters, view.preferences ? 34 : 17);
    const language = view.locale.slice(0, 2);
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    assert.deepEqual(page.complaints, []);
    await world.closeBrowser(page);
  });

test('dates, times and sizes are in the language of the page, not of the browser', async () => {
  const page = await world.browser({ locale: 'en-US' });
  await page.goto(`${world.origin}/`);
  await page.waitForSelector('#login-form');
  await page.click('#language-de');
  await page.waitForSelector('html[lang=de]');
  await world.login(page, full);
  await page.waitForSelector('#inbox-list');
  await go(page, `/message/${many.id}`, '#message-text');
  await says(page, '#message-date', /^\d{1,2}\. \p{L}+ \d{4} um \d{2}:\d{2}$/u);
  await says(page, '.file', /39 KB|38 KB/);
  await go(page, '/compose', '#compose-form');
  await says(page, '.file-field .hint', /52 MB/);
  await page.fill('#compose-text', 'Hallo');
  await page.waitForSelector('#draft-state[data-state=saved]');
  assert.doesNotMatch(await page.textContent('#draft-state'), /AM|PM/);
  await page.click('#compose-discard');
  await world.closeBrowser(page);
});

test('a name written from right to left turns round nothing beside it', async () => {
  const page = await world.browser();
  await world.login(page, full);
  await page.waitForSelector('#inbox-list');
  await go(page, `/message/${odd.id}`, '#message-text');
  assert.equal(
    await page.evaluate(() => getComputedStyle(document.querySelector('h1')).direction),
    'rtl',
  );
  // The bracket with the address stands right of the name, though the name runs to the left.
  const [name, address] = await page.evaluate(() =>
    Array.from(document.querySelectorAll('#message-from bdi'), (node) => {
      const { left, top } = node.getBoundingClientRect();
      return { left, top };
    }),
  );
  assert.ok(name.top !== address.top || name.left < address.left, JSON.stringify([name, address]));
  await world.closeBrowser(page);
});

test('sending and downloading can be cancelled, and nothing is lost or doubled', async () => {
  const page = await world.browser();
  await world.login(page, bare);
  await page.waitForSelector('#list-empty');
  await page.click('#nav-compose');
  await page.fill('#compose-subject', 'Abgebrochen');
  await page.fill('#compose-text', 'Doch nicht.');
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/p/v1/uploads/**', async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.click('#compose-send');
  await page.click('#compose-cancel');
  await page.waitForSelector('#compose-cancelled');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'compose-send');
  assert.equal(await page.inputValue('#compose-text'), 'Doch nicht.');
  release();
  await page.unroute('**/p/v1/uploads/**');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.click('#done-sent');
  await page.waitForSelector('#sent-list');
  assert.equal(await page.locator('[data-testid=message-row]').count(), 1);
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  await world.login(page, full);
  await page.waitForSelector('#inbox-list');
  await go(page, `/message/${many.id}`, '#message-text');
  let downloads = 0;
  page.on('download', () => downloads++);
  const first = page.locator('[data-testid=attachment]').first();
  let letGo;
  const fetched = new Promise((resolve) => {
    letGo = resolve;
  });
  await page.route('**/blobs/**', async (route) => {
    await fetched;
    await route.continue().catch(() => {});
  });
  await first.click();
  await first.click();
  await says(page, '.download-state', /Abgebrochen/);
  letGo();
  await page.unroute('**/blobs/**');
  assert.equal(downloads, 0);
  const [download] = await Promise.all([page.waitForEvent('download'), first.click()]);
  assert.ok(await download.path());
  await world.closeBrowser(page);
});

test('on the phone a question and a recipient that do not fit their box stand below it in full', async () => {
  const page = await world.browser({ width: 320, height: 640 });
  await world.login(page, full, PASSWORD);
  await page.waitForSelector('#inbox-list');
  await go(page, '/account/question', '#new-question');
  await page.selectOption('#new-question', 'holiday');
  const [shown, chosen] = await page.evaluate(() => [
    document.querySelector('.chosen-in-full').innerText,
    document.querySelector('#new-question').selectedOptions[0].textContent,
  ]);
  assert.equal(shown, chosen);
  await world.closeBrowser(page);
});

test('the judge sees what is cut off, too wide and too small to press', async () => {
  const page = await world.browser({ width: 320, height: 640 });
  const shell = (body) =>
    `<!doctype html><html lang="de"><title>x</title><main><h1>Titel</h1>${body}</main></html>`;
  await page.setContent(shell('<p>Gut.</p><button style="padding:20px">Weiter</button>'));
  await assertAccessible(page, 'good');
  for (const [body, words] of [
    [
      '<p style="width:90px;overflow:hidden;white-space:nowrap">Ein langer Satz ohne Ende</p>',
      /cut off/,
    ],
    ['<button style="height:30px">Weiter</button>', /too small to press/],
    ['<p style="width:900px">x</p>', /px wide/],
    ['<p style="color:#ccc;background:#fff">blass</p>', /blass|color-contrast/],
  ]) {
    await page.setContent(shell(body));
    await assert.rejects(assertAccessible(page, 'bad'), (error) =>
      words.test(`${error.message} ${JSON.stringify(error.actual)}`),
    );
  }
  await world.closeBrowser(page);
});
