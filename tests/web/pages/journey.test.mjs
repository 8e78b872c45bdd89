// SPDX-License-Identifier: GPL-3.0-or-later
//
// The customer's way: invitation, registration, reading, answering; in German on a desktop and in English
// on a small phone. Portal, browser, SMTP and gpg are real.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac, createHash, hkdfSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { argon2id } from 'hash-wasm';
import * as openpgp from 'openpgp';
import { assertAccessible } from '../lib/axe.mjs';
import { World, PASSWORD, says } from '../lib/world.mjs';

const PDF = Buffer.concat([Buffer.from('%PDF-1.4 '), Buffer.alloc(300000, 'Police ')]);
const photo = Buffer.alloc(200000, 7);
let world, kunde, message, page;
const shots = process.env.SGP_SHOTS;

async function shot(on, name) {
  if (!shots) return;
  await mkdir(shots, { recursive: true });
  await on.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

async function look(on, name) {
  await assertAccessible(on, name);
  await shot(on, name);
}

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  message = await world.staff.publish(kunde, {
    subject: 'Ihr Vertrag: neue Police – bitte prüfen',
    text: 'Guten Tag,\n\nanbei Ihre neue Police.\n\nFreundliche Grüße\nErika Muster',
    html: '<p>Guten Tag,</p><p>anbei Ihre <b>neue Police</b>.</p><table border="1"><tr><td>Beitrag</td><td>12,50 €</td></tr></table>',
    files: [{ name: 'Police 2026 – Übersicht.pdf', type: 'application/pdf', bytes: PDF }],
  });
  page = await world.browser();
});

after(() => world?.close());

test('the first page needs at most 6 requests and 250 KB', async () => {
  const fresh = await world.browser();
  const bodies = [];
  const paths = [];
  fresh.on('response', (response) => {
    paths.push(new URL(response.url()).pathname);
    bodies.push(response.body().catch(() => Buffer.alloc(0)));
  });
  await fresh.goto(`${world.origin}/`);
  await fresh.waitForSelector('#login-form');
  await fresh.waitForLoadState('networkidle');
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
  assert.ok(sizes.length <= 6, paths.join(' '));
  assert.ok(sizes.reduce((a, b) => a + b) <= 250000);
  await world.closeBrowser(fresh);
});

test('the notice invites with a link and says nothing of the message', async () => {
  const notice = await world.smtp.waitFor((mail) => mail.to.includes(kunde.address));
  assert.match(notice.data, /^Auto-Submitted: auto-generated/m);
  assert.doesNotMatch(notice.data, /Police|Vertrag/);
  assert.ok(
    notice.data
      .replace(/=\r?\n/g, '')
      .replaceAll('=3D', '=')
      .includes(`/register#i=${kunde.invitation}`),
  );
});

test('the pages of those who are not logged in are accessible and in German', async () => {
  for (const [path, ready] of [
    ['', '#login-form'],
    ['register', '#register-code'],
    ['support', '#support-page'],
    ['help/password', '#help-password'],
    ['help/answer', '#help-answer'],
    ['nowhere', '#missing'],
  ]) {
    await page.goto(`${world.origin}/${path}`);
    await page.waitForSelector(ready);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    assert.match(await page.textContent('body'), /\+49 30 1234567/, path);
    await look(page, `de-${path.replace('/', '-') || 'login'}`);
  }
});

test('the technical page finds that this browser can do all that is needed', async () => {
  await page.goto(`${world.origin}/technical`);
  await page.waitForSelector('#technical-verdict', { timeout: 30000 });
  assert.match(await page.textContent('#technical-verdict'), /Alles in Ordnung/);
  assert.equal(await page.locator('.checks li').count(), 11);
  await look(page, 'de-technical');
});

test('a typing mistake in the code is found before anything is sent', async () => {
  await page.goto('about:blank');
  await page.goto(`${world.origin}/register#i=${kunde.invitation}`);
  await page.waitForSelector('#register-code');
  const before = world.proxy.requests.length;
  await page.fill(
    '#register-code',
    kunde.digits.slice(0, 20) + ((Number(kunde.digits[20]) + 1) % 10),
  );
  assert.match(await page.inputValue('#register-code'), /^(\d{3} ){6}\d{3}$/);
  await says(page, '#register-code-error', /vergleichen/);
  await page.click('#register-code-submit');
  assert.ok(!world.proxy.requests.slice(before).some(({ path }) => path.startsWith('/p/')));
  await look(page, 'de-register-typo');
});

test('another code, though well formed, is refused in words', async () => {
  const other = kunde.digits.startsWith('572') ? '0'.repeat(21) : `5724${'0'.repeat(17)}`;
  await page.fill('#register-code', other);
  await page.click('#register-code-submit');
  await page.waitForSelector('#register-error', { timeout: 30000 });
  await says(page, '#register-error', /Der Code passt nicht/);
});

test('the customer registers with code, password and security question', async () => {
  await page.fill('#register-code', kunde.digits);
  await page.click('#register-code-submit');
  await page.waitForSelector('#register-password-form', { timeout: 30000 });
  assert.match(await page.textContent('#register-code-good'), /kunde@kundenpost.example/);
  await page.fill('#register-password', 'passwort1234');
  await page.waitForSelector('#password-strength[data-level=weak]');
  await page.click('#register-password-submit');
  await says(page, '#register-password-error', /Schwach/);
  await page.fill('#register-password', PASSWORD);
  await page.waitForSelector(
    '#password-strength[data-level=strong], #password-strength[data-level=good]',
  );
  await page.fill('#register-password2', `${PASSWORD}x`);
  await page.click('#register-password-submit');
  await says(page, '#register-password2-error', /nicht gleich/);
  await look(page, 'de-register-password');
  await page.fill('#register-password2', PASSWORD);
  await page.click('#register-password-submit');
  await page.waitForSelector('#register-question-form');
  await look(page, 'de-register-question');
  await page.fill('#register-answer', 'Frau Schröder');
  await page.click('#register-submit');
  await page.waitForSelector('#register-done', { timeout: 60000 });
  await look(page, 'de-register-done');
  assert.equal((await world.staff.lookup(kunde.address)).state, 'registered');
});

test('the office can verify that the signature key was made by whoever had the code', async () => {
  const { signature_key: key, signature_mac: mac } = await world.staff.lookup(kunde.address);
  const stretched = await argon2id({
    password: kunde.digits,
    salt: kunde.salt,
    iterations: 3,
    memorySize: 65536,
    parallelism: 1,
    hashLength: 64,
    outputType: 'binary',
  });
  const macKey = Buffer.from(hkdfSync('sha512', stretched, Buffer.alloc(0), 'sgp1 code mac', 32));
  const data = Buffer.concat([
    Buffer.from(`sgp1 cs\0${kunde.handle}\x001\0`),
    Buffer.from(key, 'base64url'),
  ]);
  assert.equal(createHmac('sha256', macKey).update(data).digest('base64url'), mac);
  kunde.signatureKey = await openpgp.readKey({
    binaryKey: new Uint8Array(Buffer.from(key, 'base64url')),
  });
});

test('a wrong password is refused in words, and the field keeps the focus', async () => {
  await page.click('#register-login');
  assert.equal(await page.inputValue('#login-address'), kunde.address);
  await page.fill('#login-password', 'nicht das Passwort');
  await page.click('#login-submit');
  await page.waitForSelector('#login-error .notice', { timeout: 30000 });
  await says(page, '#login-error', /Adresse oder das Passwort/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'login-password');
  await look(page, 'de-login-wrong');
});

test('the customer logs in and sees the inbox', async () => {
  await world.login(page, kunde);
  await page.waitForSelector('[data-testid=message-row]');
  const row = await page.textContent('[data-testid=message-row]');
  assert.match(row, /Erika Muster/);
  assert.match(row, /Ihr Vertrag: neue Police – bitte prüfen/);
  assert.match(row, /Neu/);
  await look(page, 'de-inbox');
});

test('no GET changes anything, and looking at the list is not reading', async () => {
  const before = world.databaseDump();
  assert.ok(before.includes(kunde.handle), 'the dump sees the database');
  for (const path of [
    '/',
    '/register',
    '/inbox',
    `/message/${message.id}`,
    '/logout',
    '/p/v1/office',
    '/p/v1/session',
    '/p/v1/messages?folder=inbox',
    '/p/v1/logout',
    `/p/v1/messages/${message.id}`,
    `/p/v1/messages/${message.id}/blobs/0`,
    `/p/v1/messages/${message.id}/read`,
    '/p/v1/drafts',
    '/p/v1/uploads',
    '/p/v1/register/open',
    '/p/v1/login/start',
  ]) {
    await page.evaluate((p) => fetch(p).then((r) => r.arrayBuffer()), path);
    await fetch(world.origin + path).then((r) => r.arrayBuffer());
  }
  assert.equal(world.databaseDump(), before);
  assert.equal((await world.staff.state(message.id)).read_at, null);
});

test('the message shows its author, the checked signature, the date of deletion and the text', async () => {
  await page.click('[data-testid=message-row]');
  await page.waitForSelector('#message-text');
  assert.match(
    await page.textContent('#signature'),
    /Geschrieben von Erika Muster\. Die Unterschrift wurde geprüft/,
  );
  assert.match(await page.textContent('#message-expires'), /\d{1,2}\. \w+ 20\d\d/);
  assert.match(await page.textContent('#message-text'), /anbei Ihre neue Police/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'message-subject');
  await look(page, 'de-message');
});

test('the office learns that the message was read, after it was decrypted', async () => {
  const event = await world.staff.waitForEvent('read');
  assert.equal(event.message, message.id);
  assert.ok((await world.staff.state(message.id)).read_at > 0);
});

test('the formatted version shows on request, in a frame without scripts', async () => {
  await page.click('#message-toggle');
  const frame = page.frameLocator('#message-html');
  assert.match(await frame.locator('body').textContent(), /12,50 €/);
  assert.equal(await page.getAttribute('#message-html', 'sandbox'), '');
  await look(page, 'de-message-html');
  await page.click('#message-toggle');
  await page.waitForSelector('#message-text');
});

test('the attachment is saved under its name, byte for byte', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('[data-testid=attachment]'),
  ]);
  assert.equal(download.suggestedFilename(), 'Police 2026 – Übersicht.pdf');
  assert.deepEqual(await readFile(await download.path()), PDF);
  assert.equal(new URL(page.url()).pathname, `/message/${message.id}`);
});

test('the customer replies with an attachment', async () => {
  await page.click('#reply');
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-to'), world.staff.address);
  assert.equal(
    await page.inputValue('#compose-subject'),
    'Re: Ihr Vertrag: neue Police – bitte prüfen',
  );
  assert.match(await page.inputValue('#compose-text'), /> anbei Ihre neue Police/);
  await page.fill('#compose-text', 'Vielen Dank, das passt so.\n\nGrüße\nKunde');
  await page.setInputFiles('#compose-file', {
    name: 'Foto Dach.jpg',
    mimeType: 'image/jpeg',
    buffer: photo,
  });
  await page.waitForSelector('[data-testid=compose-attachment]');
  await page.waitForSelector('#draft-state[data-state=saved]');
  await look(page, 'de-compose');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await look(page, 'de-compose-done');
});

test('the reply reaches the member of staff by SMTP as PGP/MIME that gpg opens, in the right thread, with nothing in clear', async () => {
  const mail = await world.smtp.waitFor((m) => m.to.includes(world.staff.address));
  assert.match(mail.data, /^Subject: \[\.\.\.\]/m);
  assert.match(mail.data, /multipart\/encrypted/);
  assert.match(mail.data, new RegExp(`^In-Reply-To:\\s+${message.messageId}`, 'm'));
  assert.doesNotMatch(mail.data, /passt so|Vertrag|Foto Dach/);
  const home = await world.gpgHome();
  await writeFile(join(home, 'cs.asc'), kunde.signatureKey.armor());
  await writeFile(
    join(home, 'mail.asc'),
    /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(mail.data)[0],
  );
  const gpg = (...args) =>
    execFileSync('gpg', ['--homedir', home, '--batch', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  gpg('--import', join(home, 'cs.asc'));
  const status = gpg(
    '--status-fd',
    '1',
    '--output',
    join(home, 'mail.eml'),
    '--decrypt',
    join(home, 'mail.asc'),
  );
  assert.match(status, new RegExp(`VALIDSIG ${kunde.signatureKey.getFingerprint().toUpperCase()}`));
  const eml = await readFile(join(home, 'mail.eml'), 'latin1');
  assert.match(eml, new RegExp(`^In-Reply-To: ${message.messageId}\\r$`, 'm'));
  assert.match(eml, /protected-headers="v1"; hp="cipher"/);
  const inner = /^Message-ID: (.*)\r$/m.exec(eml)[1];
  assert.ok(mail.data.includes(inner), 'the Message-ID inside is the one outside');
  const python =
    'import email,email.policy,sys,hashlib;m=email.message_from_binary_file(open(sys.argv[1],"rb"),policy=email.policy.default);' +
    'a=[p for p in m.iter_attachments()];print(m["subject"]);print(a[0].get_filename());print(hashlib.sha256(a[0].get_content()).hexdigest());print(m.get_body().get_content())';
  const told = execFileSync('python3', ['-c', python, join(home, 'mail.eml')], {
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  }).toString();
  assert.match(told, /^Re: Ihr Vertrag: neue Police – bitte prüfen\nFoto Dach.jpg\n/);
  assert.ok(told.includes(createHash('sha256').update(photo).digest('hex')));
  assert.match(told, /Vielen Dank, das passt so\./);
});

test('the sent folder shows the reply with its attachment', async () => {
  await page.click('#done-sent');
  await page.waitForSelector('[data-testid=message-row]');
  await look(page, 'de-sent');
  await page.click('[data-testid=message-row]');
  await page.waitForSelector('#message-text');
  assert.match(await page.textContent('#signature'), /Von Ihnen geschrieben/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('[data-testid=attachment]'),
  ]);
  assert.deepEqual(await readFile(await download.path()), photo);
  await look(page, 'de-sent-message');
});

test('no draft is left behind after sending', async () => {
  await page.click('#nav-inbox');
  await page.waitForSelector('#inbox-list');
  assert.equal(await page.locator('[data-testid=draft-row]').count(), 0);
});

test('a new message to the office arrives too', async () => {
  await page.click('#new-message');
  await page.waitForSelector('#compose-form');
  assert.equal(await page.inputValue('#compose-to'), 'office');
  await page.fill('#compose-subject', 'Neue Adresse');
  await page.fill('#compose-text', 'Ich bin umgezogen.');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await world.smtp.waitFor(
    (m) => m.to.includes(world.staff.address) && !m.data.includes('In-Reply-To:'),
  );
});

test('everything can be reached and done with the keyboard alone', async () => {
  const focus = () =>
    page.evaluate(() => document.activeElement.id || document.activeElement.className);
  await page.click('#nav-sent');
  await page.waitForSelector('#sent-list');
  await page.reload();
  await page.waitForSelector('#login-form');
  await page.keyboard.press('Tab');
  while ((await focus()) !== 'login-address') await page.keyboard.press('Tab');
  await page.keyboard.type(kunde.address);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#sent-list');
  while ((await focus()) !== 'nav-inbox') await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#inbox-list');
  while (!/^row/.test(await focus())) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#message-text');
  while ((await focus()) !== 'reply') await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#compose-form');
  assert.equal(await focus(), 'compose-text');
  await page.keyboard.type('Mit der Tastatur. ');
  assert.match(await page.inputValue('#compose-text'), /^Mit der Tastatur\. \n\nAm /);
  while ((await focus()) !== 'compose-discard') await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#inbox-list');
  assert.equal(await page.locator('[data-testid=draft-row]').count(), 0);
});

test('logging out wipes the page and says so', async () => {
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  assert.match(await page.textContent('#locked-notice'), /abgemeldet/);
  await page.goBack();
  await page.waitForSelector('#login-form');
  assert.doesNotMatch(await page.content(), /umgezogen|Police/);
});

test('after registration the notice carries the plain address only', async () => {
  const before = world.smtp.mails.length;
  await world.staff.publish(kunde, { subject: 'Zweite Nachricht', text: 'Hallo' });
  const again = world.smtp.mails.slice(before).filter((m) => m.to.includes(kunde.address));
  for (const mail of again) assert.doesNotMatch(mail.data, /register#i=/);
});

test('the whole way works in English on a phone of 320 pixels, registered by address', async () => {
  const guest = await world.staff.invite('guest@kundenpost.example', 'en');
  const sent = await world.staff.publish(guest, {
    subject: 'Your contract with a rather long subject that has to wrap',
    text: 'Hello\nthere',
    files: [
      {
        name: 'a-very-long-file-name-without-any-spaces-in-it-2026-11-24.pdf',
        type: 'application/pdf',
        bytes: PDF,
      },
    ],
  });
  const phone = await world.browser({ width: 320, height: 640, locale: 'en-GB' });
  await phone.goto(`${world.origin}/`);
  await phone.waitForSelector('#login-form');
  assert.equal(await phone.evaluate(() => document.documentElement.lang), 'en');
  await look(phone, 'en-login');
  await phone.click('#link-register');
  await phone.waitForSelector('#register-code');
  await look(phone, 'en-register');
  await world.register(phone, guest, { invitation: false });
  await look(phone, 'en-register-done');
  await phone.click('#register-login');
  await world.login(phone, guest);
  await phone.waitForSelector('[data-testid=message-row]');
  await look(phone, 'en-inbox');
  await phone.click('[data-testid=message-row]');
  await phone.waitForSelector('#message-text');
  assert.match(
    await phone.textContent('#signature'),
    /Written by Erika Muster\. The signature was checked/,
  );
  await look(phone, 'en-message');
  await phone.click('#reply');
  await phone.fill('#compose-text', 'Thank you.');
  await look(phone, 'en-compose');
  await phone.click('#compose-send');
  await phone.waitForSelector('#compose-done', { timeout: 30000 });
  await world.smtp.waitFor((m) => m.data.includes(sent.messageId));
  assert.deepEqual(phone.complaints, []);
  await world.closeBrowser(phone);
});

test('dark colours have enough contrast', async () => {
  const dark = await world.browser({ colorScheme: 'dark' });
  await world.login(dark, kunde);
  await dark.waitForSelector('#inbox-list');
  await look(dark, 'dark-inbox');
  await dark.click('[data-testid=message-row]');
  await dark.waitForSelector('#message-text');
  await look(dark, 'dark-message');
  await dark.click('#reply');
  await dark.waitForSelector('#compose-form');
  await look(dark, 'dark-compose');
  await world.closeBrowser(dark);
});

test('without JavaScript the page says in both languages what to do', async () => {
  const plain = await world.browser({ javaScriptEnabled: false });
  await plain.goto(`${world.origin}/`);
  const text = await plain.textContent('body');
  assert.match(text, /Bitte erlauben Sie JavaScript/);
  assert.match(text, /Please allow JavaScript/);
  assert.match(text, /Petra Beispiel: Telefon \+49 30 1234567, Mo–Fr 9–17 Uhr, E-Mail hilfe@office\.example\./);
  assert.match(text, /Petra Beispiel: phone \+49 30 1234567, Mo–Fr 9–17 Uhr, e-mail hilfe@office\.example\./);
  const links = plain.locator('a[href="tel:+49301234567"], a[href="mailto:hilfe@office.example"]');
  assert.ok((await links.count()) >= 4 && (await links.first().isVisible()));
  assert.deepEqual(plain.complaints, []);
  await world.closeBrowser(plain);
});

test('the browser had nothing to complain about', () => {
  assert.deepEqual(page.complaints, []);
});
