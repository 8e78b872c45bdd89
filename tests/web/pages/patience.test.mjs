// SPDX-License-Identifier: GPL-3.0-or-later
//
// What customers do who are in a hurry: press twice, go back, leave in the middle, lose the network, come back
// to a long list. Nothing that they wrote is lost, shown to somebody else or sent twice, and they are told.
import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look } from '../lib/shots.mjs';
import { World, says } from '../lib/world.mjs';

const LISTED = 54;
let world, kunde, gast, page, oldest, attached;

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  gast = await world.staff.invite('gast@kundenpost.example');
  oldest = await world.staff.publish(kunde, { subject: 'Die älteste', text: 'Ganz unten' });
  for (let n = 2; n < LISTED; n++)
    await world.staff.publish(kunde, { subject: `Rechnung ${n}`, text: `Text ${n}` });
  attached = await world.staff.publish(kunde, {
    subject: 'Mit Anlage',
    text: 'Anbei.',
    files: [{ name: 'plan.pdf', type: 'application/pdf', bytes: Buffer.alloc(300_000, 3) }],
  });
  page = await world.browser();
  await world.register(page, gast);
});

after(() => world?.close());

const count = (method, path) =>
  world.proxy.requests.filter((r) => r.method === method && r.path === path).length;

async function write(subject, text) {
  await page.click('#nav-compose');
  await page.waitForSelector('#compose-form');
  await page.fill('#compose-subject', subject);
  await page.fill('#compose-text', text);
}

async function saved() {
  await page.waitForSelector('#draft-state[data-state=saved]');
}

/** Holds requests until `let go`. */
async function hold(pattern, method = null) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(pattern, async (route) => {
    if (!method || route.request().method() === method) await held;
    await route.continue().catch(() => {});
  });
  return async () => {
    release();
    await page.unroute(pattern, undefined);
  };
}

test('"back" in the registration goes one step back, and on again', async () => {
  const other = await world.browser();
  await other.goto(`${world.origin}/register#i=${kunde.invitation}`);
  await other.fill('#register-code', kunde.digits);
  await other.click('#register-code-submit');
  await other.fill('#register-password', 'Gewitter Laterne Biber 17');
  await other.fill('#register-password2', 'Gewitter Laterne Biber 17');
  await other.click('#register-password-submit');
  await other.waitForSelector('#register-question-form');
  await other.goBack();
  await other.waitForSelector('#register-password-form');
  await other.goForward();
  await other.waitForSelector('#register-question-form');
  await other.fill('#register-answer', 'Frau Schröder-Weiß');
  await other.click('#register-submit');
  await other.waitForSelector('#register-done', { timeout: 60000 });
  await other.goBack();
  await other.waitForSelector('#register-done');
  await world.closeBrowser(other);
});

test('the address typed at the login need not be typed again for a forgotten password', async () => {
  await page.goto(`${world.origin}/`);
  await page.fill('#login-address', kunde.address);
  await page.click('#link-forgot-password');
  await page.waitForSelector('#forgot-form');
  assert.equal(await page.inputValue('#forgot-address'), kunde.address);
  await page.click('#back-to-login');
});

test('a page that takes its time says so, and goes on', async () => {
  await world.login(page, kunde);
  await page.waitForSelector('#inbox-list');
  const release = await hold('**/p/v1/messages?folder=sent*');
  await page.click('#nav-sent');
  await page.waitForSelector('#waiting');
  await look(page, 'waiting');
  await release();
  await page.waitForSelector('#list-empty');
  assert.equal(await page.locator('#waiting').count(), 0);
});

test('who comes back from a message far down finds the place again', async () => {
  await page.click('#nav-inbox');
  await page.click('#list-more');
  await page.waitForSelector(`#row-${oldest.id}`);
  const rows = await page.locator('[data-testid=message-row]').count();
  await page.click(`#row-${oldest.id}`);
  await says(page, '#message-text', /Ganz unten/);
  await page.goBack();
  await page.waitForSelector(`#row-${oldest.id}`);
  assert.equal(await page.locator('[data-testid=message-row]').count(), rows);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.id), oldest.id);
  const { y, height } = await page.locator(`#row-${oldest.id}`).boundingBox();
  assert.ok(y >= 0 && y + height <= 900, String(y));
});

test('without a connection an older part of the list is asked for again', async () => {
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  await world.login(page, kunde);
  await page.waitForSelector('#list-more');
  await page.route('**/p/v1/messages?folder=inbox&before=*', (route) => route.abort());
  await page.click('#list-more');
  await says(page, '#list-more-error', /nicht erreichbar/);
  await page.unroute('**/p/v1/messages?folder=inbox&before=*');
  await page.click('#list-more');
  await page.waitForSelector(`#row-${oldest.id}`);
});

test('a lost connection is no fault of the message, and one press tries again', async () => {
  await page.route(`**/p/v1/messages/${oldest.id}/**`, (route) => route.abort());
  await page.click(`#row-${oldest.id}`);
  await says(page, '#page-error', /nicht erreichbar/);
  assert.doesNotMatch(await page.textContent('main'), /sagen Sie uns Bescheid/);
  await look(page, 'message-offline');
  await page.unroute(`**/p/v1/messages/${oldest.id}/**`);
  await page.click('#page-again');
  await says(page, '#message-text', /Ganz unten/);
});

test('a page that cannot be shown at all says why', async () => {
  await page.click('#nav-account');
  await page.waitForSelector('#account');
  await page.route('**/p/v1/session', (route) => route.abort());
  await page.click('#open-notices');
  await says(page, '#page-error', /nicht erreichbar/);
  await page.unroute('**/p/v1/session');
  await page.click('#page-again');
  await page.waitForSelector('#account-notices');
});

test('a double click on an attachment saves it, once', async () => {
  await page.click('#nav-inbox');
  await page.click(`#row-${attached.id}`);
  let downloads = 0;
  page.on('download', () => downloads++);
  const release = await hold(`**/p/v1/messages/${attached.id}/blobs/1`);
  await page.dblclick('[data-testid=attachment]');
  await release();
  await says(page, '.download-state', /gespeichert/);
  assert.equal(downloads, 1);
});

test('the newest messages are opened ahead: not read by that, and not shown once withdrawn', async () => {
  // The browser's own estimate suffers from the requests that were held above.
  await page.evaluate(() =>
    Object.defineProperty(navigator, 'connection', { value: { effectiveType: '4g' } }),
  );
  const kept = await world.staff.publish(kunde, { subject: 'Neu', text: 'Frisch eingetroffen' });
  const gone = await world.staff.publish(kunde, { subject: 'Irrtum', text: 'Zurück damit' });
  const opened = [kept, gone].map(({ id }) =>
    page.waitForResponse((answer) => answer.url().endsWith(`/p/v1/messages/${id}/blobs/0`)),
  );
  await page.click('#nav-inbox');
  await Promise.all(opened);
  assert.equal((await world.staff.state(kept.id)).read_at, null);
  await world.staff.call('DELETE', `/api/v1/messages/${gone.id}`);
  await page.click(`#row-${gone.id}`);
  await says(page, '#refused-reason', /zurückgezogen/);
  await page.click('#back');
  const told = page.waitForResponse((answer) => answer.url().endsWith(`/${kept.id}/read`));
  await page.click(`#row-${kept.id}`);
  await says(page, '#message-text', /Frisch eingetroffen/);
  assert.equal((await told).status(), 204);
  assert.notEqual((await world.staff.state(kept.id)).read_at, null);
});

test('loading the page anew while writing loses no word, and asks for the files again', async () => {
  await page.click('#nav-inbox');
  await page.click(`#row-${attached.id}`);
  await page.click('#reply');
  await page.waitForSelector('#compose-form');
  await page.fill('#compose-text', 'Schon halb fertig');
  await page.setInputFiles('#compose-file', {
    name: 'schaden.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.alloc(2000, 1),
  });
  await saved();
  const asked = page.waitForEvent('dialog');
  const anew = page.reload();
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.accept();
  await anew;
  await page.waitForSelector('#locked-notice');
  await world.login(page, kunde);
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-text'), 'Schon halb fertig');
  await says(page, '#compose-missing-files', /schaden\.jpg/);
  await look(page, 'compose-missing-files');
  await page.setInputFiles('#compose-file', {
    name: 'schaden.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.alloc(2000, 1),
  });
  await page.waitForSelector('#compose-missing-files', { state: 'detached' });
});

test('a draft deleted by mistake comes back with one press', async () => {
  await page.click('#compose-discard');
  await page.waitForSelector('#draft-discarded');
  await look(page, 'draft-discarded');
  await page.click('#draft-undo');
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-text'), 'Schon halb fertig');
  assert.equal(await page.locator('[data-testid=compose-attachment]').count(), 1);
  await saved();
  await page.click('#nav-inbox');
  await page.waitForSelector('[data-testid=draft-row]');
});

test('a file that went away is named, and nothing else is lost', async () => {
  await write('Datei weg', 'Mit Anlage');
  const path = join(world.directory, 'police.pdf');
  await writeFile(path, Buffer.alloc(1000, 2));
  await stat(path);
  await page.setInputFiles('#compose-file', path);
  await rm(path);
  await page.click('#compose-send');
  await says(page, '#compose-error', /police\.pdf/);
  await look(page, 'compose-file-gone');
  await page.click('[data-testid=compose-attachment] button');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
});

test('a second try goes on where the first one ended', async () => {
  await write('Groß', 'Mit großer Anlage');
  await page.setInputFiles('#compose-file', {
    name: 'gross.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(600_000, 65),
  });
  let patches = 0;
  await page.route('**/p/v1/uploads/**', (route) =>
    route.request().method() === 'PATCH' && ++patches === 3
      ? route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{}' })
      : route.continue(),
  );
  const begun = count('POST', '/p/v1/uploads');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-error');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.unroute('**/p/v1/uploads/**');
  assert.equal(count('POST', '/p/v1/uploads'), begun + 1);
});

test('what a proxy says without a word of ours is said in ours', async () => {
  await page.click('#done-inbox');
  await page.waitForSelector('#inbox-list');
  await page.route('**/p/v1/messages?folder=sent*', (route) =>
    route.fulfill({ status: 503, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }),
  );
  await page.click('#nav-sent');
  await says(page, '#list-error', /ausgelastet/);
  await page.unroute('**/p/v1/messages?folder=sent*');
  await page.click('#page-again');
  await page.waitForSelector('#sent-list');
});

test('while it is sent nothing changes, and other pages go their own way', async () => {
  await write('Die erste', 'Langsam gesendet');
  await saved();
  const release = await hold('**/p/v1/uploads/**', 'PATCH');
  await page.click('#compose-send');
  await says(page, '#compose-sending', /Wird gesendet/);
  for (const id of ['compose-text', 'compose-subject', 'compose-discard', 'compose-send'])
    assert.ok(await page.isDisabled(`#${id}`), id);
  await look(page, 'compose-sending');
  await write('Die zweite', 'Meanwhile');
  await release();
  await says(page, '#compose-done', /gesendet/);
  assert.equal(await page.inputValue('#compose-text'), 'Meanwhile');
  await page.click('#compose-send');
  await says(page, 'h1', /wurde gesendet/);
  await page.click('#done-sent');
  await page.waitForSelector('#sent-list');
  assert.equal(await page.locator('[data-testid=message-refused]').count(), 0);
  const subjects = await page.locator('.row-subject').allTextContents();
  assert.deepEqual(subjects.slice(0, 2), ['Die zweite', 'Die erste']);
});

test('a sending that fails while another page is open says so there, with the way back', async () => {
  await write('Ohne Glück', 'Bleibt da');
  await saved();
  let fail;
  const failed = new Promise((resolve) => {
    fail = resolve;
  });
  await page.route('**/p/v1/uploads/**', async (route) => {
    await failed;
    await route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{}' });
  });
  await page.click('#compose-send');
  await says(page, '#compose-sending', /Wird gesendet/);
  await page.click('#nav-inbox');
  await page.waitForSelector('#inbox-list');
  fail();
  await page.waitForSelector('#send-failed');
  await look(page, 'send-failed');
  await page.unroute('**/p/v1/uploads/**');
  await page.click('#send-failed a');
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-text'), 'Bleibt da');
  assert.ok(!(await page.isDisabled('#compose-send')));
});

test('what was written is there for nobody else after the lock', async () => {
  await page.fill('#compose-text', 'Nur für mich');
  await saved();
  const address = new URL(page.url());
  await page.click('#nav-inbox');
  await page.waitForSelector('#inbox-list');
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  await page.fill('#login-address', gast.address);
  await world.login(page, gast);
  await page.waitForSelector('#list-empty');
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, address.pathname + address.search);
  await page.waitForSelector('#compose-error');
  assert.doesNotMatch(await page.content(), /Nur für mich/);
  assert.equal(await page.locator('#compose-text').count(), 0);
});

test('the lock does not end a sending that goes on', async () => {
  const other = await world.browser();
  await other.clock.install();
  await world.login(other, kunde);
  await other.click('#nav-compose');
  await other.fill('#compose-subject', 'Dauert');
  await other.fill('#compose-text', 'Langsame Leitung');
  await other.setInputFiles('#compose-file', {
    name: 'gross.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(500_000, 65),
  });
  let waits = 3;
  await other.route('**/p/v1/uploads/**', async (route) => {
    if (route.request().method() === 'PATCH' && waits-- > 0) await other.clock.fastForward('09:00');
    await route.continue();
  });
  await other.click('#compose-send');
  await other.waitForSelector('#compose-done', { timeout: 30000 });
  assert.ok(waits <= 0);
  await world.closeBrowser(other);
});

test('the browser had nothing to complain about', () => {
  assert.deepEqual(page.complaints, []);
});
