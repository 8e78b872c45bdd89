// SPDX-License-Identifier: GPL-3.0-or-later
//
// Idle lock, reload, drafts, language switch, interrupted network.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, PASSWORD, says } from '../lib/world.mjs';
import { assertAccessible } from '../lib/axe.mjs';

let world, kunde, page;
const SECRET = 'Mein Geheimnis 4711';

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  await world.staff.publish(kunde, { subject: 'Frage', text: 'Guten Tag' });
  page = await world.browser();
  await page.clock.install();
  await world.register(page, kunde);
  await world.login(page, kunde);
});

after(() => world?.close());

async function writeReply(text) {
  await page.click('#nav-inbox');
  await page.click('[data-testid=message-row]');
  await page.click('#reply');
  await page.waitForSelector('#compose-form');
  await page.fill('#compose-text', text);
}

async function logInAgain() {
  await page.fill('#login-password', PASSWORD);
  await page.click('#login-submit');
}

test('after 14 idle minutes a warning is shown, and staying is one press', async () => {
  await writeReply(SECRET);
  await page.waitForSelector('#draft-state[data-state=saved]');
  await page.clock.fastForward('14:10');
  await page.waitForSelector('#idle-warning');
  await assertAccessible(page, 'idle warning');
  await page.click('#idle-stay');
  await page.waitForSelector('#idle-warning', { state: 'detached' });
  await page.clock.fastForward('10:00');
  assert.ok(await page.$('#compose-form'));
});

test('after 15 idle minutes the page locks: keys, text and session are gone', async () => {
  await page.fill('#compose-text', `${SECRET} und mehr`);
  // The vault with the keys ends; the login page starts another, which has none.
  assert.equal(page.workers().length, 1);
  const ended = page.workers()[0].waitForEvent('close', { timeout: 60000 });
  await page.clock.fastForward('15:10');
  await page.waitForSelector('#locked-notice');
  assert.match(await page.textContent('#locked-notice'), /gesperrt/);
  assert.doesNotMatch(await page.content(), /4711/);
  await ended;
  assert.equal(await page.evaluate(() => fetch('/p/v1/session').then((r) => r.status)), 401);
  await assertAccessible(page, 'locked');
});

test('the server holds the draft, but not its words', async () => {
  const dump = world.databaseDump();
  assert.match(dump, /INSERT INTO "drafts"/);
  for (const needle of [
    SECRET,
    'Geheimnis',
    Buffer.from('Geheimnis').toString('hex'),
    Buffer.from('Geheimnis').toString('base64').slice(0, 10),
  ])
    assert.ok(!dump.toLowerCase().includes(needle.toLowerCase()), needle);
});

test('after the next login the draft is back, with the last words', async () => {
  await logInAgain();
  await page.waitForSelector('#compose-form', { timeout: 30000 });
  assert.equal(await page.inputValue('#compose-text'), `${SECRET} und mehr`);
  assert.equal(await page.inputValue('#compose-to'), world.staff.address);
});

test('a draft that could not be handed over before the lock is not lost', async () => {
  await page.route('**/p/v1/drafts/**', (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.continue(),
  );
  await page.fill('#compose-text', 'Ohne Netz geschrieben');
  await page.waitForSelector('#draft-state[data-state=failed]');
  await page.clock.fastForward('15:10');
  await page.waitForSelector('#locked-notice');
  await page.unroute('**/p/v1/drafts/**');
  await logInAgain();
  await page.waitForSelector('#compose-form', { timeout: 30000 });
  assert.equal(await page.inputValue('#compose-text'), 'Ohne Netz geschrieben');
});

test('a session that ended on the server locks the page and keeps the words', async () => {
  await page.context().clearCookies();
  await page.fill('#compose-text', 'Sitzung weg');
  await page.waitForSelector('#draft-state[data-state=failed]');
  await page.click('#nav-inbox');
  await page.waitForSelector('#locked-notice');
  assert.match(await page.textContent('#locked-notice'), /Sitzung ist beendet/);
  await logInAgain();
  await page.waitForSelector('#inbox-list', { timeout: 30000 });
  await page.click('[data-testid=draft-row]');
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-text'), 'Sitzung weg');
});

test('loading the page anew asks for the password and comes back to the same place', async () => {
  await page.reload();
  await page.waitForSelector('#locked-notice');
  assert.match(await page.textContent('#locked-notice'), /nie im Browser gespeichert/);
  await page.fill('#login-address', kunde.address);
  await logInAgain();
  await page.waitForSelector('#compose-form', { timeout: 30000 });
  assert.match(page.url(), /\/compose\?draft=/);
});

test('nothing but language and roster version is in the browser storage', async () => {
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  assert.doesNotMatch(kept, /kunde|PGP|4711|Sitzung/);
  assert.deepEqual(Object.keys(JSON.parse(kept)[0]), ['siegelpost.rosters']);
});

test('switching the language keeps what was typed', async () => {
  await page.fill('#compose-text', 'Bleibt stehen');
  await page.click('#language-en');
  await page.waitForSelector('html[lang=en]');
  assert.equal(await page.inputValue('#compose-text'), 'Bleibt stehen');
  assert.equal(await page.textContent('#compose-send span'), 'Send encrypted');
  await page.click('#language-de');
  await page.waitForSelector('html[lang=de]');
});

test('an interrupted upload goes on where the server says, and the message arrives once', async () => {
  await page.setInputFiles('#compose-file', {
    name: 'gross.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(5_000_000, 65),
  });
  let failures = 2;
  await page.route('**/p/v1/uploads/**', (route) =>
    route.request().method() === 'PATCH' && failures-- > 0 ? route.abort() : route.continue(),
  );
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 60000 });
  await page.unroute('**/p/v1/uploads/**');
  await world.smtp.waitFor((m) => m.to.includes(world.staff.address));
  assert.ok(
    world.proxy.requests.some(
      ({ method, path }) => method === 'HEAD' && path.startsWith('/p/v1/uploads/'),
    ),
  );
  assert.equal(world.smtp.mails.filter((m) => m.to.includes(world.staff.address)).length, 1);
});

test('an answer lost after sending does not double the message', async () => {
  await writeReply('Nur einmal');
  let lost = true;
  await page.route('**/p/v1/messages/*', async (route) => {
    if (route.request().method() !== 'PUT' || !lost) return route.continue();
    lost = false;
    await route.fetch();
    return route.abort();
  });
  await page.click('#compose-send');
  await page.waitForSelector('#compose-error', { timeout: 30000 });
  await says(page, '#compose-error', /nichts verloren/);
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.click('#done-sent');
  await page.waitForSelector('#sent-list');
  assert.equal(await page.locator('[data-testid=message-row]').count(), 2);
});

test('what was changed after such a loss is sent as another message, not swallowed', async () => {
  await writeReply('Erste Fassung');
  let lost = true;
  await page.route('**/p/v1/messages/*', async (route) => {
    if (route.request().method() !== 'PUT' || !lost) return route.continue();
    lost = false;
    await route.fetch();
    return route.abort();
  });
  await page.click('#compose-send');
  await page.waitForSelector('#compose-error');
  await page.fill('#compose-text', 'Zweite Fassung');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.click('#done-sent');
  await page.waitForSelector('#sent-list');
  assert.equal(await page.locator('[data-testid=message-row]').count(), 4);
  await page.click('[data-testid=message-row]');
  await says(page, '#message-text', /Zweite Fassung/);
});

test('a draft goes to nobody but its owner, and nothing is sent in the name of another', async () => {
  const other = await world.staff.invite('andere@kundenpost.example');
  const second = await page.context().newPage();
  await world.register(second, other);
  await page.click('#nav-compose');
  await page.fill('#compose-subject', 'Von Kunde');
  await page.fill('#compose-text', 'Von Kunde');
  await page.waitForSelector('#draft-state[data-state=saved]');
  await world.login(second, other);
  await page.click('#compose-send');
  await page.waitForSelector('#locked-notice');
  assert.equal(
    (await second.evaluate(() => fetch('/p/v1/messages?folder=sent').then((r) => r.json())))
      .messages.length,
    0,
  );
  await second.close();
  await page.fill('#login-address', kunde.address);
  await logInAgain();
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-text'), 'Von Kunde');
});

test('a file over the limit is named before sending, with what to do', async () => {
  await page.click('#nav-compose');
  await page.waitForSelector('#compose-form');
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    const file = new File(['x'], 'riesig.iso');
    Object.defineProperty(file, 'size', { value: 60_000_000 });
    transfer.items.add(file);
    const input = document.getElementById('compose-file');
    Object.defineProperty(input, 'files', { value: [file] });
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await says(page, '#compose-file-error', /riesig\.iso hat 60 MB/);
  assert.equal(await page.locator('[data-testid=compose-attachment]').count(), 0);
});
