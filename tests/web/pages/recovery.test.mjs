// SPDX-License-Identifier: GPL-3.0-or-later
//
// Forgotten password, forgotten answer, reset: against the real portal, in German on a desktop and in English
// on a small phone, with the keyboard alone; and a portal that answers falsely.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as openpgp from 'openpgp';
import { look, shot } from '../lib/shots.mjs';
import { World, ANSWER, PASSWORD, says } from '../lib/world.mjs';
import { makeKey } from '../lib/staff.mjs';

const NEW = 'Laternen Otter Regen 42';
let world, kunde, english, page, code;

before(async () => {
  world = await new World().open();
  kunde = await world.staff.invite('kunde@kundenpost.example');
  english = await world.staff.invite('customer@kundenpost.example', 'en');
  await world.staff.publish(kunde, { subject: 'Vorher', text: 'Text' });
  page = await world.browser();
  await world.register(page, kunde);
});

after(() => world?.close());

/** The link of the newest mail with one to this customer. */
async function nextLink(customer, seen) {
  const mail = await world.smtp.waitFor(
    (m) => m.to.includes(customer.address) && /\/recover#t/.test(plain(m)) && !seen.has(m),
  );
  seen.add(mail);
  const [, token] = /\/recover#t=([A-Za-z0-9_-]+)/.exec(plain(mail));
  return `${world.origin}/recover#t=${token}`;
}

const plain = (mail) => mail.data.replace(/=\r?\n/g, '').replaceAll('=3D', '=');
const seen = new Set();

async function askFor(on, customer) {
  await on.goto(`${world.origin}/help/password`);
  await on.fill('#forgot-address', customer.address);
  await on.click('#forgot-submit');
  await on.waitForSelector('#forgot-sent');
}

async function openLink(on, customer) {
  await askFor(on, customer);
  const link = await nextLink(customer, seen);
  await on.goto('about:blank');
  await on.goto(link);
  await on.waitForSelector('#recover-open');
  return link;
}

test('known and unknown addresses get the same sentence', async () => {
  const said = [];
  for (const address of ['nobody@kundenpost.example', 'noone@kundenpost.example']) {
    await page.goto(`${world.origin}/help/password`);
    await page.fill('#forgot-address', address);
    await page.click('#forgot-submit');
    said.push((await page.textContent('#forgot-sent')).replaceAll(address, 'X'));
  }
  await look(page, 'de-forgot-sent');
  const link = await openLink(page, kunde);
  await page.goBack().catch(() => {});
  await askFor(page, english);
  said.push((await page.textContent('#forgot-sent')).replaceAll(english.address, 'X'));
  assert.equal(new Set(said).size, 1);
  // english is invited, not registered: nothing was sent.
  assert.ok(
    !world.smtp.mails.some((m) => m.to.includes(english.address) && /recover/.test(plain(m))),
  );
  await page.goto('about:blank');
  await page.goto(link);
});

test('opening the link uses nothing up, and its token leaves the address bar', async () => {
  await page.waitForSelector('#recover-open');
  assert.equal(new URL(page.url()).hash, '');
  assert.ok(!world.proxy.requests.some(({ path }) => path.includes('/recover/open')));
  await look(page, 'de-recover-start');
});

test('a wrong answer is said, counted and leaves other ways open', async () => {
  await page.click('#recover-open');
  await page.waitForSelector('#recover-question-form', { timeout: 20000 });
  assert.match(await page.textContent('#recover-question'), /Lieblingslehrerin|Lehrer/);
  assert.equal(await page.locator('#recover-use-code').count(), 0);
  await look(page, 'de-recover-question');
  await page.fill('#recover-answer', 'Herr Falsch');
  await page.click('#recover-answer-submit');
  await says(page, '#recover-error', /stimmt nicht.*noch 4 Versuche/s);
  await look(page, 'de-recover-wrong');
  await page.click('#recover-unknown');
  await page.waitForSelector('#help-form');
  await look(page, 'de-recover-unknown');
  await page.fill('#help-address', kunde.address);
  await page.click('#help-submit');
  await says(page, '#help-sent', /weiß die Agentur jetzt Bescheid/);
  assert.equal((await world.staff.waitForEvent('reset-asked')).customer, kunde.handle);
  await page.click('#recover-use-question');
});

test('the right answer leads to a new password, and only that one logs in', async () => {
  await page.fill('#recover-answer', 'frau schroeder weiss');
  await page.click('#recover-answer-submit');
  await page.waitForSelector('#recover-password-form', { timeout: 30000 });
  assert.match(await page.textContent('#recover-right'), /kunde@kundenpost/);
  await page.fill('#recover-password', '1234567890123');
  await page.fill('#recover-password2', '1234567890123');
  await page.click('#recover-password-submit');
  await says(page, '#recover-password-error', /Schwach/);
  await look(page, 'de-recover-password');
  await page.fill('#recover-password', NEW);
  await page.fill('#recover-password2', NEW);
  await page.click('#recover-password-submit');
  await page.waitForSelector('#recover-done', { timeout: 30000 });
  await look(page, 'de-recover-done');
  await page.click('#recover-login');
  assert.equal(await page.inputValue('#login-address'), kunde.address);
  await page.fill('#login-password', PASSWORD);
  await page.click('#login-submit');
  await says(page, '#login-error', /Passwort stimmt nicht/);
  await world.login(page, kunde, NEW);
  await page.waitForSelector('[data-testid=message-row]');
  assert.match(await page.textContent('[data-testid=message-row]'), /Vorher/);
  const told = await world.smtp.waitFor(
    (m) => /geändert/.test(decode(m)) && m.to[0] === kunde.address,
  );
  assert.doesNotMatch(plain(told), /recover#t/);
  assert.equal((await world.staff.waitForEvent('recovered')).customer, kunde.handle);
});

/** Quoted-printable or base64, whatever the portal chose. */
function decode({ data }) {
  const body = plain({ data });
  const bytes = body.replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16)));
  const base64 = /\r\n\r\n([A-Za-z0-9+/=\r\n]+)$/.exec(data);
  return Buffer.from(bytes, 'latin1').toString() + (base64 ? Buffer.from(base64[1], 'base64') : '');
}

test('a used link, and a page without one, say what to do', async () => {
  await page.click('#logout');
  await page.goto('about:blank');
  await page.goto(`${world.origin}/recover#t=${randomBytes(32).toString('base64url')}`);
  await page.click('#recover-open');
  await page.waitForSelector('#recover-expired');
  await look(page, 'de-recover-expired');
  await page.goto(`${world.origin}/recover`);
  await page.waitForSelector('#recover-incomplete');
  await look(page, 'de-recover-incomplete');
});

test('a recovery code is made, printed and shown once', async () => {
  await world.login(page, kunde, NEW);
  await page.click('#nav-account');
  await page.click('#open-code');
  await look(page, 'de-account-code');
  await page.fill('#code-present', 'falsches Passwort 12');
  await page.click('#code-submit');
  await says(page, '#code-present-error', /Passwort stimmt nicht/);
  await page.fill('#code-present', NEW);
  await page.click('#code-submit');
  await page.waitForSelector('#recovery-code', { timeout: 30000 });
  code = (await page.textContent('#recovery-code')).replace(/\D/g, '');
  assert.equal(code.length, 21);
  await look(page, 'de-account-code-shown');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('#logout'), false);
  assert.equal(await page.isVisible('.foot'), false);
  assert.equal(await page.isVisible('#recovery-code'), true);
  await shot(page, 'de-account-code-print');
  await page.emulateMedia({ media: 'screen' });
  // Another language shows the same one; another page, and it is gone.
  await page.click('#language-en');
  assert.equal((await page.textContent('#recovery-code')).replace(/\D/g, ''), code);
  await page.click('#language-de');
  await page.click('#code-kept');
  await page.waitForSelector('#account');
  await page.click('#open-code');
  await page.waitForSelector('#code-form');
  assert.equal(await page.locator('#recovery-code').count(), 0);
  const dump = world.databaseDump();
  for (const needle of [code, Buffer.from(code).toString('hex')]) assert.ok(!dump.includes(needle));
});

test('the printed code opens the mailbox where the answer is forgotten', async () => {
  await page.click('#logout');
  await page.waitForSelector('#locked-notice');
  await openLink(page, kunde);
  await page.click('#recover-open');
  await page.click('#recover-use-code', { timeout: 20000 });
  await look(page, 'de-recover-code');
  await page.fill('#recover-code', code.slice(0, 20) + ((Number(code[20]) + 1) % 10));
  await page.click('#recover-code-submit');
  await says(page, '#recover-code-error', /nicht richtig|vertauscht|stimmt/);
  await page.fill('#recover-code', code);
  await page.click('#recover-code-submit');
  await page.waitForSelector('#recover-password-form', { timeout: 30000 });
  await page.fill('#recover-password', PASSWORD);
  await page.fill('#recover-password2', PASSWORD);
  await page.click('#recover-password-submit');
  await page.waitForSelector('#recover-done', { timeout: 30000 });
  await page.click('#recover-login');
  await world.login(page, kunde);
  assert.deepEqual(page.complaints, []);
});

async function press(on, id, key = 'Enter') {
  for (let i = 0; i < 40; i++) {
    if ((await on.evaluate(() => document.activeElement?.id)) === id) break;
    await on.keyboard.press('Tab');
  }
  assert.equal(await on.evaluate(() => document.activeElement?.id), id);
  if (key) await on.keyboard.press(key);
}

test('with the keyboard alone, in English, on a phone of 320 px', async () => {
  const phone = await world.browser({ width: 320, height: 640, locale: 'en-GB' });
  await world.register(phone, english);
  await phone.goto(`${world.origin}/`);
  await phone.waitForSelector('#login-form');
  await press(phone, 'link-forgot-password');
  await phone.waitForSelector('#forgot-form');
  await look(phone, 'en-forgot');
  await press(phone, 'forgot-address', null);
  await phone.keyboard.type(english.address);
  await phone.keyboard.press('Enter');
  await phone.waitForSelector('#forgot-sent');
  await look(phone, 'en-forgot-sent');
  const link = await nextLink(english, seen);
  await phone.goto('about:blank');
  await phone.goto(link);
  await phone.waitForSelector('#recover-open');
  await look(phone, 'en-recover-start');
  await press(phone, 'recover-open');
  await phone.waitForSelector('#recover-question-form', { timeout: 20000 });
  assert.equal(await phone.evaluate(() => document.activeElement.localName), 'h1');
  await look(phone, 'en-recover-question');
  await press(phone, 'recover-answer', null);
  await phone.keyboard.type(ANSWER);
  await phone.keyboard.press('Enter');
  await phone.waitForSelector('#recover-password-form', { timeout: 30000 });
  await press(phone, 'recover-password', null);
  await phone.keyboard.type(NEW);
  await press(phone, 'recover-password2', null);
  await phone.keyboard.type(NEW);
  await look(phone, 'en-recover-password');
  await press(phone, 'recover-password-submit');
  await phone.waitForSelector('#recover-done', { timeout: 30000 });
  await look(phone, 'en-recover-done');
  await press(phone, 'recover-login');
  await phone.waitForSelector('#login-form');
  await press(phone, 'login-password', null);
  await phone.keyboard.type(NEW);
  await phone.keyboard.press('Enter');
  await phone.waitForSelector('#logout', { timeout: 30000 });
  assert.deepEqual(phone.complaints, []);
  await world.closeBrowser(phone);
});

test('a hostile portal that swaps wraps, keys or customers gets no new password', async () => {
  const fresh = await world.browser();
  const evil = await makeKey('Erika Muster', world.staff.address);
  await openLink(fresh, english);
  await fresh.click('#recover-open');
  await fresh.waitForSelector('#recover-question-form', { timeout: 20000 });
  const wrapOf = (length) => randomBytes(length).toString('base64url');
  for (const [change, reason] of [
    [(json) => ({ ...json, root_wrap: wrapOf(60) }), /not yours or that was changed/],
    [(json) => ({ ...json, mailbox_wrap: wrapOf(8220) }), /not yours or that was changed/],
    [(json) => ({ ...json, handle: kunde.handle }), /not yours or that was changed|nicht Ihres/],
    [(json) => ({ ...json, office_key: evil.toPublic().armor() }), /key of the agency/],
  ]) {
    world.proxy.tamperJson(/^\/p\/v1\/recover\/finish$/, change);
    const before = world.proxy.requests.length;
    await fresh.click('#language-en');
    await fresh.fill('#recover-answer', ANSWER);
    await fresh.click('#recover-answer-submit');
    await says(fresh, '#recover-error', reason);
    assert.equal(await fresh.locator('#recover-password-form').count(), 0);
    const after = world.proxy.requests.slice(before);
    assert.ok(!after.some(({ path }) => path.includes('/credentials/')));
  }
  world.proxy.restore();
  await world.closeBrowser(fresh);
});

test('after five wrong answers the link is over, and the page says where to turn', async () => {
  const fresh = await world.browser();
  await openLink(fresh, english);
  await fresh.click('#recover-open');
  await fresh.waitForSelector('#recover-question-form', { timeout: 20000 });
  for (let i = 0; i < 5; i++) {
    await fresh.fill('#recover-answer', `Falsch ${i}`);
    await fresh.click('#recover-answer-submit');
    if (i < 4)
      await says(fresh, '#recover-error', i === 3 ? /einen Versuch/ : new RegExp(`${4 - i}`));
  }
  await fresh.waitForSelector('#recover-over', { timeout: 20000 });
  assert.match(await fresh.textContent('#recover'), /\+49 30 1234567/);
  await look(fresh, 'de-recover-over');
  await world.closeBrowser(fresh);
});

test('after a reset by staff nothing is lost: old messages are read, old sent ones verify', async () => {
  await page.goto(`${world.origin}/`);
  await world.login(page, kunde);
  await page.click('#nav-compose');
  await page.fill('#compose-subject', 'Vor dem Neuanfang');
  await page.fill('#compose-text', 'Mein Text');
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.click('#nav-account');
  await page.click('#open-keys');
  for (const name of ['Behalten', 'Aufgegeben']) {
    await page.fill('#key-text', (await makeKey(name, kunde.address)).toPublic().armor());
    await page.click('#key-check');
    await page.click('#key-deposit');
    await page.locator('[data-testid=key]', { hasText: name }).waitFor();
  }
  const again = await world.staff.reset(kunde);
  const fresh = await world.browser();
  await fresh.goto(`${world.origin}/register#i=${again.invitation}`);
  await fresh.fill('#register-code', again.digits);
  await fresh.click('#register-code-submit');
  await fresh.waitForSelector('#register-again', { timeout: 30000 });
  await look(fresh, 'de-register-again');
  await fresh.goto('about:blank');
  await world.register(fresh, again, { password: NEW });
  await fresh.click('#register-login');
  await world.login(fresh, again, NEW);
  await fresh.waitForSelector('[data-testid=message-row]');
  assert.match(await fresh.textContent('#inbox-list'), /Vorher/);
  await fresh.click('#nav-sent');
  await fresh.click('[data-testid=message-row]');
  await says(fresh, '#message-text', /Mein Text/);
  await says(fresh, '#signature', /Unterschrift wurde geprüft/);
  // Keys of before count no more until the customer confirms them: one click each, or they go.
  await fresh.click('#nav-account');
  await fresh.click('#open-keys');
  await fresh.waitForSelector('[data-testid=key-confirm]');
  assert.equal(await fresh.locator('[data-testid=key-former]').count(), 2);
  await look(fresh, 'de-keys-former');
  const kept = fresh.locator('[data-testid=key]', { hasText: 'Behalten' });
  await kept.locator('[data-testid=key-confirm]').click();
  await says(fresh, '#live', /bestätigt/);
  assert.equal(await kept.locator('[data-testid=key-former]').count(), 0);
  await fresh
    .locator('[data-testid=key]', { hasText: 'Aufgegeben' })
    .locator('[data-testid=key-remove]')
    .click();
  await fresh.waitForFunction(() => document.querySelectorAll('[data-testid=key]').length === 1);
  const { keys, signature_key: cs } = await world.staff.lookup(kunde.address);
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({
      binary: Buffer.from(`sgp1 key\0${kunde.handle}\x002\0openpgp\0${keys[0].key}`),
    }),
    signature: await openpgp.readSignature({ armoredSignature: keys[0].signature }),
    verificationKeys: await openpgp.readKey({ binaryKey: Buffer.from(cs, 'base64url') }),
    date: new Date(Date.now() + 60000),
  });
  assert.equal(keys.length, 1);
  assert.equal(await signatures[0].verified, true, 'the agent takes it: the new key signed it');
  // The session of before ended with the reset: the old page locks and says so.
  await page.click('#nav-inbox');
  await says(page, '#locked-notice', /Sitzung ist beendet|Sitzung/);
  assert.deepEqual(fresh.complaints, []);
  await world.closeBrowser(fresh);
});
