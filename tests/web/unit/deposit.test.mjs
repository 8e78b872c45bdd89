// SPDX-License-Identifier: GPL-3.0-or-later
//
// Keys that customers deposit, made by the programs that customers use: gpg and openssl.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load, loadPackage } from './load.mjs';

const openpgp = await loadPackage('openpgp/dist/node/openpgp.mjs');
const { inspectKey, keyStatement, describeKey } = await load('lib/deposit.mjs');
const ADDRESS = 'kunde@kundenpost.example';
let home;

const run = (tool, ...args) => execFileSync(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
const gpg = (...args) => run('gpg', '--homedir', home, '--batch', '--quiet', ...args);
const file = (name) => join(home, name);
const refusal = (code) => (error) => error.name === 'Refusal' && error.code === code;

/** A certificate as openssl makes it; `lines` of the extension section. */
async function certificate(name, lines, { subject = '/CN=Karla Kunde', days = '90' } = {}) {
  await writeFile(
    file('x.cnf'),
    `[req]\ndistinguished_name=d\nx509_extensions=e\n[d]\n[e]\n${lines}\n`,
  );
  run(
    'openssl',
    ...['req', '-x509', '-utf8', '-newkey', 'rsa:2048', '-nodes', '-config', file('x.cnf')],
    ...[
      '-subj',
      subject,
      '-days',
      days,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.pem`),
    ],
  );
  return readFile(file(`${name}.pem`), 'utf8');
}

const END = 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n';

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sgp-web-deposit-'));
  for (const [user, algorithm, usage, expires] of [
    [`Karla Kunde (<script>alert(1)</script>) <${ADDRESS}>`, 'rsa2048', 'default', '1y'],
    ['Nur Unterschrift <nur@kundenpost.example>', 'ed25519', 'sign', 'never'],
  ])
    gpg('--passphrase', '', '--quick-generate-key', user, algorithm, usage, expires);
  gpg('--passphrase', '', '--quick-add-key', fingerprints()[0], 'rsa2048', 'encr', '1y');
});

after(async () => {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  await rm(home, { recursive: true, force: true });
});

function fingerprints() {
  const lines = gpg('--list-keys', '--with-colons').toString().split('\n');
  return lines
    .filter((line, i) => line.startsWith('fpr') && lines[i - 1].startsWith('pub'))
    .map((line) => line.split(':')[9]);
}

test('a public key made by gpg is read, armored or binary, and described', async () => {
  for (const armor of [['--armor'], []]) {
    const bytes = gpg(...armor, '--export', fingerprints()[0]);
    const found = await inspectKey(
      armor.length ? bytes.toString() : new Uint8Array(bytes),
      ADDRESS,
    );
    assert.equal(found.kind, 'openpgp');
    assert.equal(found.fingerprint, fingerprints()[0].toLowerCase());
    assert.equal(found.mentions, true);
    assert.deepEqual(found.addresses, [ADDRESS]);
    assert.ok(Math.abs(found.expires - Date.now() / 1000 - 31536000) < 200000);
    // What leaves is written anew, and gpg takes it.
    await writeFile(file('out.asc'), found.key);
    assert.match(gpg('--show-keys', file('out.asc')).toString(), /kunde@kundenpost/);
  }
});

test('comments and whatever stands around a key do not leave this browser', async () => {
  const armored = gpg('--armor', '--export', fingerprints()[0]).toString();
  const dirty = `<img src=x onerror=alert(1)>\n${armored.replace('BLOCK-----\n', 'BLOCK-----\nComment: <script>alert(2)</script>\n')}\nbye`;
  const { key } = await inspectKey(dirty, ADDRESS);
  assert.match(key, /^-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n\r?\n/);
  assert.doesNotMatch(key, /Comment|onerror|bye/);
});

test('a secret key is refused in every form, even beside the public one', async () => {
  const [id] = fingerprints();
  const secret = gpg('--armor', '--export-secret-keys', id).toString();
  const open = gpg('--armor', '--export', id).toString();
  await certificate('own', END);
  const key = await readFile(file('own.key'), 'utf8');
  const pem = await readFile(file('own.pem'), 'utf8');
  run(
    'openssl',
    ...['pkcs12', '-export', '-in', file('own.pem'), '-inkey', file('own.key')],
    ...['-passout', 'pass:x', '-out', file('own.p12')],
  );
  run(
    'openssl',
    'pkcs8',
    '-topk8',
    '-nocrypt',
    '-in',
    file('own.key'),
    '-outform',
    'DER',
    '-out',
    file('own.p8'),
  );
  for (const data of [
    secret,
    open + secret,
    new Uint8Array(gpg('--export-secret-keys', id)),
    key,
    pem + key,
    new Uint8Array(Buffer.from(secret)),
    new Uint8Array(await readFile(file('own.p12'))),
    new Uint8Array(await readFile(file('own.p8'))),
  ])
    await assert.rejects(inspectKey(data, ADDRESS), refusal('key-private'));
});

test('a key that cannot encrypt, has expired, is revoked or is several is refused with its reason', async () => {
  const [, sign] = fingerprints();
  await assert.rejects(
    inspectKey(gpg('--armor', '--export', sign).toString(), ADDRESS),
    refusal('key-useless'),
  );
  await assert.rejects(
    inspectKey(gpg('--armor', '--export').toString(), ADDRESS),
    refusal('key-several'),
  );
  const old = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ email: ADDRESS }],
    date: new Date(Date.now() - 864e5),
    keyExpirationTime: 3600,
  });
  await assert.rejects(inspectKey(old.publicKey, ADDRESS), refusal('key-expired'));
  const fresh = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ email: ADDRESS }],
    format: 'object',
  });
  const { publicKey } = await openpgp.revokeKey({ key: fresh.privateKey, format: 'armored' });
  await assert.rejects(inspectKey(publicKey, ADDRESS), refusal('key-useless'));
});

test('what is no key at all is refused, and so is what is too large', async () => {
  for (const data of [
    '',
    'Guten Tag',
    '0',
    new Uint8Array([0x30, 3, 1, 2]),
    new Uint8Array(500).fill(0x99),
  ])
    await assert.rejects(inspectKey(data, ADDRESS), refusal('key-none'));
  const begun =
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
  await assert.rejects(inspectKey(begun, ADDRESS), refusal('key-none'));
  await assert.rejects(inspectKey(new Uint8Array(2e6).fill(0x99), ADDRESS), refusal('key-large'));
});

test('a certificate tells name, address and end, as PEM, as DER and with its authority beside it', async () => {
  const pem = await certificate('one', `${END}subjectAltName=email:${ADDRESS}`);
  const authority = await certificate('ca', 'basicConstraints=CA:TRUE\nkeyUsage=keyCertSign', {
    subject: '/CN=Test CA',
  });
  run('openssl', 'x509', '-in', file('one.pem'), '-outform', 'DER', '-out', file('one.der'));
  const der = new Uint8Array(await readFile(file('one.der')));
  for (const data of [pem, authority + pem, der]) {
    const found = await inspectKey(data, ADDRESS);
    assert.equal(found.kind, 'smime');
    assert.deepEqual(found.names, ['Karla Kunde']);
    assert.equal(found.mentions, true);
    assert.ok(Math.abs(found.expires - Date.now() / 1000 - 90 * 86400) < 100000);
    assert.equal(found.key.replace(/\s/g, ''), pem.replace(/\s/g, ''));
    assert.equal((await describeKey('smime', found.key, ADDRESS)).fingerprint, found.fingerprint);
  }
  const seen = run('openssl', 'x509', '-in', file('one.pem'), '-noout', '-fingerprint', '-sha256');
  const { fingerprint } = await inspectKey(pem, ADDRESS);
  assert.equal(seen.toString().split('=')[1].trim().replaceAll(':', '').toLowerCase(), fingerprint);
});

test('an address may stand in the subject, and another one is noticed', async () => {
  const subject = await certificate('two', END, {
    subject: `/CN=Karla Kunde/emailAddress=${ADDRESS.toUpperCase()}`,
  });
  assert.equal((await inspectKey(subject, ADDRESS)).mentions, true);
  const other = await certificate('three', `${END}subjectAltName=email:andere@kundenpost.example`);
  assert.equal((await inspectKey(other, ADDRESS)).mentions, false);
});

test('a certificate for signatures only, of an authority, or of several people is refused', async () => {
  const sign = await certificate('four', 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature');
  await assert.rejects(inspectKey(sign, ADDRESS), refusal('key-useless'));
  const authority = await certificate('five', 'basicConstraints=CA:TRUE');
  await assert.rejects(inspectKey(authority, ADDRESS), refusal('key-useless'));
  const both = (await certificate('six', END)) + (await certificate('seven', END));
  await assert.rejects(inspectKey(both, ADDRESS), refusal('key-several'));
  const cut = sign.replace(/\n[A-Za-z0-9+/=]+\n-----END/, '\n-----END');
  await assert.rejects(inspectKey(cut, ADDRESS), refusal('key-none'));
});

test('names of a certificate cannot break the line or turn its direction', async () => {
  const odd = await certificate('eight', END, { subject: '/CN=<b>Karla\u202e ednuK' });
  const { names } = await inspectKey(odd, ADDRESS);
  assert.deepEqual(names, ['<b>Karla ednuK']);
});

test('the statement names customer, generation and kind', () => {
  const text = new TextDecoder().decode(keyStatement('ab', 2, 'smime', 'KEY'));
  assert.equal(text, 'sgp1 key\0ab\x002\0smime\0KEY');
});
