// SPDX-License-Identifier: GPL-3.0-or-later
//
// "My account" against the real portal: every page in both languages, at 320 px and on a desktop; keys with
// hostile names; sessions; the export, read by another program; deletion; the lock over all of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as openpgp from 'openpgp';
import { look } from '../lib/shots.mjs';
import { World, ANSWER, PASSWORD, says } from '../lib/world.mjs';
import { makeKey } from '../lib/staff.mjs';

const NEW = 'Laternen Otter Regen 42';
const SECTIONS = ['password', 'question', 'code', 'sessions', 'keys', 'notices', 'export', 'delete'];
let world, kunde, page, phone, first, home, ownKey;

before(async () => {
  world = await new World().open();
  home = await mkdtemp(join(tmpdir(), 'sgp-web-account-'));
  kunde = await world.staff.invite('kunde@kundenpost.example');
  first = await world.staff.publish(kunde, {
    subject: 'Erste – ../../alles',
    text: 'Text eins',
    html: '<p>Text <b>eins</b></p>',
    files: [{ name: 'Police ü.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.4 x') }],
  });
  await world.staff.publish(kunde, { subject: 'Zweite', text: 'Text zwei' });
  const made = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name: '<img src=x onerror=window.pwned=1>', email: kunde.address }],
    keyExpirationTime: 31536000,
    config: { v6Keys: false },
  });
  ownKey = made;
  page = await world.browser();
  page.dialogs = 0;
  page.on('dialog', (dialog) => {
    page.dialogs++;
    dialog.dismiss();
  });
  await world.register(page, kunde);
});

after(async () => {
  await world?.close();
  await rm(home, { recursive: true, force: true });
});

test('the code on paper is offered at the registration, and nobody has to take it', async () => {
  await page.waitForSelector('#register-login');
  await look(page, 'de-register-offer');
  await page.click('#register-code-make');
  await page.waitForSelector('#recovery-code', { timeout: 30000 });
  assert.match(await page.textContent('#recovery-code'), /^\s*(\d{3}\s+){7}$/);
  await page.click('#code-kept');
  await page.waitForSelector('#account');
});

test('every page of the account is accessible, in German on a desktop', async () => {
  await look(page, 'de-account');
  for (const name of SECTIONS) {
    await page.click(`#open-${name}`);
    await page.waitForSelector(`#account-${name}`);
    assert.equal(await page.evaluate(() => document.activeElement.localName), 'h1');
    await look(page, `de-account-${name}`);
    await page.click('#account-back');
    await page.waitForSelector('#account');
  }
});

test('and in English on a phone of 320 px', async () => {
  phone = await world.browser({ width: 320, height: 640, locale: 'en-GB' });
  await world.login(phone, kunde);
  await phone.click('#nav-account');
  await phone.waitForSelector('#account');
  await look(phone, 'en-account');
  for (const name of SECTIONS) {
    await phone.goto(`${world.origin}/account/${name}`);
    await phone.waitForSelector('#login-form');
    await world.login(phone, kunde);
    await phone.waitForSelector(`#account-${name}`);
    await look(phone, `en-account-${name}`);
  }
});

test('sessions are listed, this one is marked, others can be ended', async () => {
  await page.click('#open-sessions');
  await page.waitForSelector('#sessions-list');
  assert.equal(await page.locator('[data-testid=session][data-current=true]').count(), 1);
  const others = page.locator('[data-testid=session][data-current=false]');
  const count = await others.count();
  assert.ok(count >= 1);
  await page.locator('[data-testid=session-end]').first().click();
  await page.waitForFunction(
    (n) => document.querySelectorAll('[data-testid=session][data-current=false]').length === n,
    count - 1,
  );
  if (count > 1) await page.click('#sessions-end-all');
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid=session][data-current=false]').length === 0,
  );
});

test('a page whose session was ended elsewhere locks, says so, and comes back where it was', async () => {
  await phone.click('#nav-inbox');
  await says(phone, '#locked-notice', /session has ended/);
  await look(phone, 'en-locked-elsewhere');
  await world.login(phone, kunde);
  await phone.waitForSelector('#inbox-list');
});

test('a message is opened from its address, after the login', async () => {
  await phone.goto(`${world.origin}/message/${first.id}`);
  await phone.waitForSelector('#login-form');
  await says(phone, '#locked-notice', /log in to see this page/);
  await world.login(phone, kunde);
  await says(phone, '#message-text', /Text eins/);
});

test('without a connection the page says so and loses nothing', async () => {
  await phone.click('#nav-account');
  await phone.click('#open-sessions');
  await phone.context().setOffline(true);
  await phone.click('#account-back');
  await phone.click('#open-keys');
  await says(phone, '#keys-place', /cannot be reached/);
  await phone.context().setOffline(false);
  await phone.click('#account-back');
  await phone.click('#open-keys');
  await phone.waitForSelector('#keys-none');
});

async function paste(text) {
  await page.fill('#key-text', text);
  await page.click('#key-check');
}

test('a secret key stays here and is refused with a plain sentence', async () => {
  await page.click('#account-back');
  await page.click('#open-keys');
  await page.waitForSelector('#keys-none');
  const before = world.proxy.requests.length;
  await paste(ownKey.privateKey);
  await says(page, '#keys-error', /geheimer Schlüssel/);
  await look(page, 'de-keys-private');
  await paste('Guten Tag');
  await says(page, '#keys-error', /kein OpenPGP-Schlüssel/);
  await paste(world.staff.officeKey.toPublic().armor());
  await says(page, '#keys-error', /unser Schlüssel/);
  assert.equal(world.proxy.requests.length, before);
});

test('a key with a hostile name is shown as text, deposited, signed, listed and removed', async () => {
  const armored = ownKey.publicKey.replace(
    'BLOCK-----\n',
    'BLOCK-----\nComment: <script>window.pwned=1</script>\n',
  );
  await page.setInputFiles('#key-file', {
    name: '<img src=x onerror=alert(1)>.asc',
    mimeType: 'text/plain',
    buffer: Buffer.from(armored),
  });
  await page.click('#key-check');
  await page.waitForSelector('#key-proposal');
  assert.match(await page.textContent('#key-proposal'), /<img src=x onerror=window\.pwned=1>/);
  assert.equal(await page.locator('#key-proposal #key-mentions').count(), 0);
  await look(page, 'de-keys-proposal');
  await page.click('#key-deposit');
  await page.waitForSelector('[data-testid=key]');
  await look(page, 'de-keys-list');
  assert.equal((await world.staff.waitForEvent('key-deposited')).customer, kunde.handle);
  const { keys, signature_key: cs } = await world.staff.lookup(kunde.address);
  assert.equal(keys.length, 1);
  assert.doesNotMatch(keys[0].key, /Comment|script/);
  // The agent's check: CS signed exactly this key for exactly this customer.
  const statement = `sgp1 key\0${kunde.handle}\x001\0openpgp\0${keys[0].key}`;
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({ binary: Buffer.from(statement) }),
    signature: await openpgp.readSignature({ armoredSignature: keys[0].signature }),
    verificationKeys: await openpgp.readKey({ binaryKey: Buffer.from(cs, 'base64url') }),
    date: new Date(Date.now() + 60000),
  });
  assert.equal(await signatures[0].verified, true);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(page.dialogs, 0);
});

test('a key that a hostile portal adds is marked as not the customer’s own', async () => {
  const evil = (await makeKey('<b>x</b>', kunde.address)).toPublic().armor();
  const id = createHash('sha256').update(evil).digest('hex');
  world.proxy.tamperJson(/^\/p\/v1\/keys$/, (json) => ({
    keys: [...json.keys, { ...json.keys[0], id, key: evil }],
  }));
  await page.click('#account-back');
  await page.click('#open-keys');
  await says(page, `[data-id="${id}"]`, /nicht von Ihnen hinterlegt/);
  await look(page, 'de-keys-foreign');
  world.proxy.restore();
  await page.click('#account-back');
  await page.click('#open-keys');
  await page.locator('[data-testid=key-remove]').first().click();
  await page.waitForSelector('#keys-none');
  assert.equal((await world.staff.lookup(kunde.address)).keys.length, 0);
});

test('a certificate is deposited too, with a warning where the address is another', async () => {
  const config = join(home, 'x.cnf');
  await writeFile(
    config,
    '[req]\ndistinguished_name=d\nx509_extensions=e\n[d]\n[e]\nbasicConstraints=CA:FALSE\nsubjectAltName=email:andere@kundenpost.example\n',
  );
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-config', config, '-days', '30'],
      ...[
        '-subj',
        '/CN=<script>Karla',
        '-keyout',
        join(home, 'k.pem'),
        '-out',
        join(home, 'c.pem'),
      ],
    ],
    { stdio: 'ignore' },
  );
  await paste(await readFile(join(home, 'k.pem'), 'utf8'));
  await says(page, '#keys-error', /geheimer Schlüssel/);
  await paste(await readFile(join(home, 'c.pem'), 'utf8'));
  await page.waitForSelector('#key-proposal');
  await says(page, '#key-mentions', /kommt in diesem Schlüssel nicht vor/);
  assert.match(await page.textContent('#key-proposal'), /<script>Karla/);
  await look(page, 'de-keys-certificate');
  await page.click('#key-deposit');
  await page.waitForSelector('[data-testid=key]');
  assert.equal((await world.staff.lookup(kunde.address)).keys[0].kind, 'smime');
});

test('the language of the notices is changed, and the next notice comes in it', async () => {
  await page.click('#account-back');
  await page.click('#open-notices');
  await page.waitForSelector('#notices-language');
  assert.equal(await page.inputValue('#notices-language'), 'de');
  await page.selectOption('#notices-language', 'en');
  await page.click('#notices-submit');
  await page.waitForSelector('#notices-done');
  assert.equal((await world.staff.lookup(kunde.address)).language, 'en');
  await page.click('#account-back');
  await page.click('#open-notices');
  await page.waitForSelector('#notices-language');
  assert.equal(await page.inputValue('#notices-language'), 'en');
  await page.selectOption('#notices-language', 'de');
  await page.click('#notices-submit');
  await page.waitForSelector('#notices-done');
  assert.equal((await world.staff.lookup(kunde.address)).language, 'de');
  await page.click('#account-back');
  await page.click('#open-keys');
  await page.waitForSelector('#account-keys');
});

test('the office’s key is saved as it was pinned', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#office-key')]);
  const key = await openpgp.readKey({ armoredKey: await readFile(await download.path(), 'utf8') });
  assert.equal(key.getFingerprint(), world.staff.officeKey.getFingerprint());
});

test('all mail comes as a zip of mail files that another program reads', async () => {
  await page.click('#nav-compose');
  await page.fill('#compose-subject', 'Meine Frage');
  await page.fill('#compose-text', 'Frage mit Umlauten: äöü');
  await page.setInputFiles('#compose-file', {
    name: 'bild.png',
    mimeType: 'image/png',
    buffer: Buffer.alloc(5000, 7),
  });
  await page.click('#compose-send');
  await page.waitForSelector('#compose-done', { timeout: 30000 });
  await page.click('#nav-account');
  await page.click('#open-export');
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 30000 }),
    page.click('#export-begin'),
  ]);
  await says(page, '#export-done', /3 Nachrichten/);
  await look(page, 'de-export-done');
  assert.match(download.suggestedFilename(), /^webmail-[\d-]+\.zip$/);
  const script =
    'import sys,json,zipfile,email,email.policy\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nout={}\n' +
    'for i in z.infolist():\n m=email.message_from_bytes(z.read(i),policy=email.policy.default)\n' +
    ' out[i.filename]=[m["subject"],m.get_body(("plain",)).get_content().strip(),[(a.get_filename(),len(a.get_content())) for a in m.iter_attachments()]]\n' +
    'print(json.dumps(out))';
  const read = JSON.parse(
    execFileSync('python3', ['-c', script, await download.path()]).toString(),
  );
  const names = Object.keys(read).sort();
  assert.equal(names.length, 3);
  assert.match(names[0], /^Gesendet\/[\d-]+ \d{4} Meine Frage\.eml$/);
  assert.match(names[1], /^Posteingang\/[\d-]+ \d{4} Erste – .._.._alles\.eml$/);
  assert.deepEqual(read[names[1]], ['Erste – ../../alles', 'Text eins', [['Police ü.pdf', 10]]]);
  assert.deepEqual(read[names[0]], [
    'Meine Frage',
    'Frage mit Umlauten: äöü',
    [['bild.png', 5000]],
  ]);
});

test('a message that is refused is not in the zip, and the page says so', async () => {
  world.proxy.tamper = (path, method, body) => {
    if (path !== `/p/v1/messages/${first.id}/blobs/1`) return undefined;
    const bad = Buffer.from(body);
    bad[bad.length - 5] ^= 1;
    return bad;
  };
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 30000 }),
    page.click('#export-begin'),
  ]);
  await says(page, '#export-result', /abgelehnt hat: 1/);
  world.proxy.restore();
  const script =
    'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nprint(json.dumps([z.namelist(),z.read("Nicht enthalten.txt").decode()]))';
  const [names, note] = JSON.parse(
    execFileSync('python3', ['-c', script, await download.path()]).toString(),
  );
  assert.equal(names.length, 3);
  assert.ok(!names.some((name) => name.includes('Erste')));
  assert.ok(note.includes(first.id));
});

test('an export can be cancelled, and the lock ends it', async () => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  world.proxy.tamper = async (path) => {
    if (/blobs/.test(path)) await held;
    return undefined;
  };
  let downloads = 0;
  page.on('download', () => downloads++);
  await page.click('#export-begin');
  await page.waitForSelector('#export-cancel');
  await says(page, '#export-share', /0 von 3/);
  await look(page, 'de-export-running');
  await page.click('#export-cancel');
  await page.waitForSelector('#export-begin');
  world.proxy.restore();
  release();
  await page.waitForTimeout(500);
  assert.equal(downloads, 0);
});

test('the question and the password are changed with the present password only', async () => {
  await page.click('#account-back');
  await page.click('#open-question');
  await page.selectOption('#new-question', 'own');
  await page.fill('#new-own-question', '<b>Wie heißt mein Boot?</b>');
  await page.fill('#new-answer', 'Seestern');
  await page.fill('#question-present', PASSWORD);
  await page.click('#question-submit');
  await page.waitForSelector('#question-done', { timeout: 30000 });
  await page.click('#account-back');
  await page.click('#open-password');
  await page.fill('#password-present', `${PASSWORD} falsch`);
  await page.fill('#new-password', NEW);
  await page.fill('#new-password2', NEW);
  await page.click('#password-submit');
  await says(page, '#password-present-error', /Passwort stimmt nicht/);
  await page.fill('#password-present', PASSWORD);
  await page.click('#password-submit');
  await page.waitForSelector('#password-done', { timeout: 30000 });
  await look(page, 'de-account-password-done');
  // Everywhere else the session has ended.
  await phone.click('#account-back');
  await phone.click('#open-sessions');
  await says(phone, '#locked-notice', /session has ended/);
  await world.login(phone, kunde, NEW);
});

test('the idle lock covers the account: the code on the screen is gone', async () => {
  const idle = await world.browser();
  await idle.clock.install();
  await world.login(idle, kunde, NEW);
  await idle.click('#nav-account');
  await idle.click('#open-code');
  await idle.fill('#code-present', NEW);
  await idle.click('#code-submit');
  await idle.waitForSelector('#recovery-code', { timeout: 30000 });
  await idle.clock.fastForward('15:10');
  await idle.waitForSelector('#locked-notice');
  await world.login(idle, kunde, NEW);
  await idle.waitForSelector('#code-form');
  assert.equal(await idle.locator('#recovery-code').count(), 0);
  await world.closeBrowser(idle);
});

test('what was typed on a page before is in no address, no storage and no database', async () => {
  const dump = world.databaseDump();
  for (const secret of [ANSWER, 'Seestern', NEW, PASSWORD])
    for (const form of [secret, Buffer.from(secret).toString('hex')])
      assert.ok(!dump.toLowerCase().includes(form.toLowerCase()), form);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.doesNotMatch(stored, /kunde|Seestern|Laternen/);
});

test('the account is deleted after a typed word and the password, and nothing opens any more', async () => {
  await page.click('#account-back');
  await page.click('#open-delete');
  await page.fill('#delete-present', NEW);
  await page.click('#delete-submit');
  await says(page, '#delete-word-error', /löschen/);
  await page.fill('#delete-word', 'Löschen');
  await page.click('#delete-submit');
  await says(page, '#locked-notice', /Konto ist gelöscht/);
  await look(page, 'de-deleted');
  assert.equal((await world.staff.waitForEvent('deleted')).customer, kunde.handle);
  await page.fill('#login-address', kunde.address);
  await page.fill('#login-password', NEW);
  await page.click('#login-submit');
  await says(page, '#login-error', /Passwort stimmt nicht/);
  assert.doesNotMatch(world.databaseDump(), /kunde@kundenpost/);
});

test('the browsers had nothing to complain about', () => {
  assert.equal(page.dialogs, 0);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(phone.complaints, []);
});
