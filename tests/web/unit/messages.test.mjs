// SPDX-License-Identifier: GPL-3.0-or-later
//
// The office's and the customer's ends, with the real OpenPGP.js and the real gpg 2.2.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load, loadPackage } from './load.mjs';

const openpgp = await loadPackage('openpgp/dist/node/openpgp.mjs');
const { Mailbox } = await load('vault/mailbox.mjs');
const { openRoster } = await load('lib/roster.mjs');
const { openManifest } = await load('lib/manifest.mjs');
const { decryptPinned, generateSignatureKey } = await load('lib/pgp.mjs');
const { b64u, fromUtf8, sha256Hex, utf8 } = await load('lib/bytes.mjs');
const { padJson, sealWrap } = await load('lib/wrap.mjs');

const portal = 'http://127.0.0.1:8480';
const handle = '00112233445566778899aabbccddeeff';
const id = '019ac000-0000-7000-8000-000000000001';
const kek = new Uint8Array(32).fill(5);
let home, office, erika, stranger, mk, cs, roster, mailbox;

const gpg = (...args) =>
  execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function makeKey(name, address, date = new Date(Date.now() - 60000)) {
  const { privateKey } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name, email: address }],
    format: 'object',
    date,
    config: { v6Keys: false },
  });
  return privateKey;
}

async function signRoster(content, key = office) {
  const bytes = utf8(JSON.stringify(content));
  const signature = await openpgp.sign({
    message: await openpgp.createMessage({ binary: bytes }),
    signingKeys: key,
    detached: true,
  });
  return { version: content.version, roster: b64u(bytes), signature };
}

function rosterContent(version = 1, members = [['erika@office.example', 'Erika Muster', erika]]) {
  return {
    v: 1,
    version,
    portal,
    office: office.getFingerprint(),
    staff: members.map(([address, name, key]) => ({
      address,
      name,
      fingerprint: key.getFingerprint(),
      key: key.toPublic().armor(),
    })),
  };
}

async function loginAnswer(over = {}, boxOver = {}) {
  const rk = new Uint8Array(32).fill(9);
  const box = {
    v: 1,
    portal,
    address: 'kunde@example.org',
    handle,
    generation: 1,
    mailbox_key: mk.armor(),
    office: office.getFingerprint(),
    signature_key: cs.armor(),
    ...boxOver,
  };
  return {
    handle,
    address: 'kunde@example.org',
    generation: 1,
    language: 'de',
    office_key: office.toPublic().armor(),
    roster,
    password_wrap: b64u(await sealWrap(kek, 'password', handle, 1, rk)),
    mailbox_wrap: b64u(await sealWrap(rk, 'mailbox', handle, 1, padJson(box))),
    ...over,
  };
}

const open = async (answer, seen = {}) => Mailbox.open(answer, kek, portal, seen);

async function officeMessage(over = {}, signer = erika) {
  const encryptionKeys = [mk.toPublic(), erika.toPublic(), office.toPublic()];
  const config = { preferredCompressionAlgorithm: 0 };
  const seal = async (bytes) =>
    openpgp.encrypt({
      message: await openpgp.createMessage({ binary: bytes }),
      encryptionKeys,
      format: 'binary',
      config,
    });
  const body = await seal(utf8(JSON.stringify({ text: 'Guten Tag', html: '<p>Guten Tag</p>' })));
  const file = await seal(utf8('PDF'));
  const manifest = {
    v: 1,
    portal,
    mailbox: handle,
    message: id,
    from: { name: 'Erika Muster', address: 'erika@office.example' },
    to: [{ name: '', address: 'kunde@example.org' }],
    cc: [],
    subject: 'Ihr Vertrag',
    date: 1764000000,
    message_id: '<x@office.example>',
    in_reply_to: null,
    references: [],
    body: { blob: 0, format: 'json', size: 40, sha256: await sha256Hex(body) },
    attachments: [
      {
        blob: 1,
        name: 'Police.pdf',
        type: 'application/pdf',
        size: 3,
        sha256: await sha256Hex(file),
      },
    ],
    ...over,
  };
  const armored = await openpgp.encrypt({
    message: await openpgp.createMessage({ binary: utf8(JSON.stringify(manifest)) }),
    encryptionKeys,
    ...(signer ? { signingKeys: signer } : {}),
  });
  return {
    item: {
      id,
      folder: 'inbox',
      received: 1764000000,
      expires: 1779000000,
      size: 1,
      read: false,
      manifest: armored,
    },
    body,
    file,
  };
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sgp-web-gpg-'));
  office = await makeKey('Agentur', 'office@office.example');
  erika = await makeKey('Erika Muster', 'erika@office.example');
  stranger = await makeKey('Erika Muster', 'erika@office.example');
  mk = await makeKey('', 'kunde@example.org');
  cs = await generateSignatureKey('kunde@example.org', new Date(Date.now() - 60000));
  roster = await signRoster(rosterContent());
  mailbox = await open(await loginAnswer());
});

after(async () => {
  try {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test('a message of the office opens, with author, text and attachment', async () => {
  const { item, body, file } = await officeMessage();
  const opened = await mailbox.openItem(item);
  assert.equal(opened.refused, undefined);
  assert.equal(opened.subject, 'Ihr Vertrag');
  assert.deepEqual(opened.signer, { name: 'Erika Muster', address: 'erika@office.example' });
  assert.deepEqual(await mailbox.readBody(id, body), {
    text: 'Guten Tag',
    html: '<p>Guten Tag</p>',
    attachments: null,
  });
  const saved = await mailbox.readAttachment(id, 0, file);
  assert.equal(saved.name, 'Police.pdf');
  assert.equal(new TextDecoder().decode(saved.bytes), 'PDF');
});

test('a message is refused if it is unsigned, signed by a stranger, or by the customer', async () => {
  for (const signer of [null, stranger, cs])
    assert.equal(
      (await mailbox.openItem((await officeMessage({}, signer)).item)).refused,
      'signature',
    );
});

test('a genuine signature over other words is refused', async () => {
  const { item } = await officeMessage();
  const { data } = await openpgp.decrypt({
    message: await openpgp.readMessage({ armoredMessage: item.manifest }),
    decryptionKeys: mk,
    format: 'binary',
  });
  const sign = async (bytes) => (await openpgp.createMessage({ binary: bytes })).sign([erika]);
  const [genuine, other] = [
    await sign(data),
    await sign(utf8(new TextDecoder().decode(data).replace('Ihr Vertrag', 'Ihr Konto'))),
  ];
  genuine.packets[1] = other.packets[1];
  const forged = await openpgp.encrypt({ message: genuine, encryptionKeys: [mk.toPublic()] });
  assert.equal((await mailbox.openItem({ ...item, manifest: forged })).refused, 'signature');
});

test('a message is refused if it names another portal, mailbox or message, or another form', async () => {
  assert.equal(
    (await mailbox.openItem((await officeMessage({ portal: 'https://evil.example' })).item))
      .refused,
    'manifest-portal',
  );
  assert.equal(
    (await mailbox.openItem((await officeMessage({ mailbox: handle.replace('0', 'f') })).item))
      .refused,
    'manifest-mailbox',
  );
  assert.equal(
    (await mailbox.openItem((await officeMessage({ message: id.replace('1', '2') })).item)).refused,
    'manifest-message',
  );
  assert.equal(
    (await mailbox.openItem((await officeMessage({ v: 2 })).item)).refused,
    'manifest-format',
  );
  assert.equal(
    (
      await mailbox.openItem(
        (
          await officeMessage({
            body: { blob: 0, format: 'mime', size: 1, sha256: '0'.repeat(64) },
          })
        ).item,
      )
    ).refused,
    'manifest-format',
  );
  const { item } = await officeMessage();
  assert.equal((await mailbox.openItem({ ...item, folder: 'sent' })).refused, 'signature');
});

test('a flipped or swapped blob is refused, and what was never verified is not opened', async () => {
  const { item, body, file } = await officeMessage();
  await mailbox.openItem(item);
  const bad = body.slice();
  bad[bad.length - 1] ^= 1;
  await assert.rejects(mailbox.readBody(id, bad), { code: 'blob-changed' });
  await assert.rejects(mailbox.readBody(id, file), { code: 'blob-changed' });
  await assert.rejects(mailbox.readAttachment(id, 0, body), { code: 'blob-changed' });
  await assert.rejects(mailbox.readAttachment(id, 5, file), { code: 'blob-missing' });
  await assert.rejects(mailbox.readBody(id.replace('1', '3'), body), { code: 'blob-missing' });
});

test('a message that is damaged is refused without hiding others', async () => {
  const { item } = await officeMessage();
  assert.equal(
    (await mailbox.openItem({ ...item, manifest: item.manifest.replace(/[A-Z]/, 'b') })).refused,
    'unreadable',
  );
  assert.equal((await mailbox.openItem({ ...item, manifest: null })).refused, 'manifest-format');
  assert.equal(
    (await mailbox.openItem({ ...item, manifest: 'x'.repeat(200000) })).refused,
    'manifest-format',
  );
});

test('a swapped office key, a forged roster and an older roster are refused', async () => {
  const evil = {
    office_key: stranger.toPublic().armor(),
    roster: await signRoster(rosterContent(), stranger),
  };
  await assert.rejects(open(await loginAnswer(evil)), { code: 'wrong-office-key' });
  await assert.rejects(open(await loginAnswer({ office_key: 'nonsense' })), {
    code: 'wrong-office-key',
  });
  await assert.rejects(
    open(await loginAnswer({ roster: await signRoster(rosterContent(), stranger) })),
    { code: 'roster-forged' },
  );
  await assert.rejects(open(await loginAnswer({ roster: { ...roster, version: 2 } })), {
    code: 'roster-forged',
  });
  await assert.rejects(
    open(
      await loginAnswer({
        roster: await signRoster({ ...rosterContent(), portal: 'https://other.example' }),
      }),
    ),
    { code: 'roster-forged' },
  );
  const swapped = rosterContent();
  swapped.staff[0].key = stranger.toPublic().armor();
  await assert.rejects(open(await loginAnswer({ roster: await signRoster(swapped) })), {
    code: 'roster-forged',
  });
  await assert.rejects(open(await loginAnswer(), { [office.getFingerprint()]: 2 }), {
    code: 'roster-old',
  });
  const kept = await openRoster({
    pinned: office.getFingerprint().toUpperCase(),
    portal,
    officeKey: office.toPublic().armor(),
    roster,
    seen: { other: 99 },
  });
  assert.equal(kept.version, 1);
});

test('a mailbox of another portal, customer or generation is refused', async () => {
  await assert.rejects(open(await loginAnswer({}, { portal: 'https://evil.example' })), {
    code: 'wrong-portal',
  });
  await assert.rejects(open(await loginAnswer({}, { handle: 'x' })), { code: 'wrong-mailbox' });
  await assert.rejects(open(await loginAnswer({ generation: 2 })), { code: 'wrong-mailbox' });
  await assert.rejects(Mailbox.open(await loginAnswer(), new Uint8Array(32), portal, {}), {
    code: 'wrong-mailbox',
  });
});

test('a reply is a sealed message that gpg 2.2 opens with the staff key, signed by CS, uncompressed', async () => {
  const bytes = utf8('photo');
  const sealed = await mailbox.seal({
    id,
    to: 'erika@office.example',
    subject: 'Re: Ihr Vertrag – ja',
    text: 'Schöne Grüße',
    inReplyTo: '<x@office.example>',
    references: ['<x@office.example>'],
    attachments: [{ name: 'Dach.jpg', type: 'image/jpeg', bytes }],
  });
  await writeFile(join(home, 'erika.asc'), erika.armor());
  await writeFile(join(home, 'cs.asc'), cs.toPublic().armor());
  await writeFile(join(home, 'reply.asc'), sealed.blob);
  gpg('--import', join(home, 'erika.asc'), join(home, 'cs.asc'));
  const status = gpg(
    '--status-fd',
    '1',
    '--output',
    join(home, 'reply.eml'),
    '--decrypt',
    join(home, 'reply.asc'),
  ).toString();
  assert.match(status, new RegExp(`VALIDSIG ${cs.getFingerprint().toUpperCase()}`));
  assert.match(status, /DECRYPTION_OKAY/);
  const packets = gpg('--list-packets', join(home, 'reply.asc')).toString();
  assert.equal(packets.match(/:pubkey enc packet/g).length, 3);
  assert.match(packets, /mdc_method: 2/);
  assert.doesNotMatch(packets, /:compressed packet/);
  const eml = execFileSync('cat', [join(home, 'reply.eml')]).toString();
  assert.match(eml, /^In-Reply-To: <x@office.example>\r$/m);
  assert.match(eml, new RegExp(`^Message-ID: <${id}@127.0.0.1>\\r$`, 'm'));
});

test('the sent folder shows the own message, its signature checked, its attachment inside', async () => {
  const sealed = await mailbox.seal({
    id,
    to: 'office',
    subject: 'Frage',
    text: 'Hallo\nWelt',
    inReplyTo: null,
    references: [],
    attachments: [{ name: 'a.txt', type: 'text/plain', bytes: utf8('inside') }],
  });
  const item = await mailbox.openItem({
    id,
    folder: 'sent',
    received: 1,
    expires: 2,
    size: 3,
    read: true,
    manifest: sealed.manifest,
  });
  assert.equal(item.refused, undefined);
  assert.equal(item.subject, 'Frage');
  const body = await mailbox.readBody(id, sealed.blob);
  assert.equal(body.text.trimEnd(), 'Hallo\nWelt');
  assert.equal(
    new TextDecoder().decode((await mailbox.readAttachment(id, 0, null)).bytes),
    'inside',
  );
  const inbox = await mailbox.openItem({
    id,
    folder: 'inbox',
    received: 1,
    expires: 2,
    size: 3,
    read: true,
    manifest: sealed.manifest,
  });
  assert.equal(inbox.refused, 'signature');
});

test('nothing is sealed to an address that is not in the roster', async () => {
  const mail = {
    id,
    to: 'evil@example.org',
    subject: 's',
    text: 't',
    inReplyTo: null,
    references: [],
    attachments: [],
  };
  await assert.rejects(mailbox.seal(mail), { code: 'no-recipient-key' });
});

test('a draft opens as itself and in no other place', async () => {
  const wrap = await mailbox.sealDraft({ id, text: 'geheim' });
  assert.equal((await mailbox.openDraft(id, wrap)).text, 'geheim');
  await assert.rejects(mailbox.openDraft(id.replace('1', '2'), wrap), { code: 'unreadable' });
});

test('a decompression bomb is refused at 64 MiB', async () => {
  await writeFile(join(home, 'zeros'), new Uint8Array(80 * 1024 * 1024));
  await writeFile(join(home, 'mk.asc'), mk.toPublic().armor());
  gpg('--import', join(home, 'mk.asc'));
  gpg(
    '--trust-model',
    'always',
    '--compress-algo',
    'zlib',
    '-r',
    mk.getFingerprint(),
    '--output',
    join(home, 'bomb.gpg'),
    '--encrypt',
    join(home, 'zeros'),
  );
  const bomb = new Uint8Array(execFileSync('cat', [join(home, 'bomb.gpg')]));
  await assert.rejects(decryptPinned(bomb, mk), /Maximum decompressed message size/);
  await assert.rejects(
    openManifest(
      { id, manifest: (await officeMessage()).item.manifest },
      { portal, handle, mailboxKey: mk, authors: [], format: 'json' },
    ),
    { code: 'signature' },
  );
});

test('what a former colleague signed opens, and nothing is sealed to them', async () => {
  const bernd = await makeKey('Bernd', 'bernd@office.example');
  const [former] = rosterContent(1, [['bernd@office.example', null, bernd]]).staff;
  const content = { ...rosterContent(), former: [former] };
  const box = await open(await loginAnswer({ roster: await signRoster(content) }));
  const { item, body } = await officeMessage({}, bernd);
  assert.equal((await mailbox.openItem(item)).refused, 'signature');
  const opened = await box.openItem(item);
  assert.equal(opened.refused, undefined);
  assert.deepEqual(opened.signer, {
    name: 'bernd@office.example',
    address: 'bernd@office.example',
  });
  assert.equal((await box.readBody(id, body)).text, 'Guten Tag');
  assert.equal((await box.openItem((await officeMessage()).item)).signer.name, 'Erika Muster');

  assert.deepEqual(
    box.describe().staff.map(({ address }) => address),
    ['erika@office.example'],
  );
  const mail = { id, subject: 's', text: 't', inReplyTo: null, references: [], attachments: [] };
  await assert.rejects(box.seal({ ...mail, to: 'bernd@office.example' }), {
    code: 'no-recipient-key',
  });
  const sealed = await box.seal({ ...mail, to: 'office' });
  for (const armoredMessage of [sealed.manifest, new TextDecoder().decode(sealed.blob)]) {
    const ids = (await openpgp.readMessage({ armoredMessage })).getEncryptionKeyIDs();
    const berndId = (await bernd.getEncryptionKey()).getKeyID();
    assert.equal(ids.length, 3);
    assert.ok(!ids.some((one) => one.equals(berndId)));
  }

  const forged = { ...content, former: [{ ...former, key: stranger.toPublic().armor() }] };
  await assert.rejects(open(await loginAnswer({ roster: await signRoster(forged) })), {
    code: 'roster-forged',
  });
});

test('a device whose clock is two hours behind reads and writes all the same', async () => {
  const later = new Date(Date.now() + 7200000);
  const young = await makeKey('Erika Muster', 'erika@office.example', later);
  const box = await open(
    await loginAnswer({
      roster: await signRoster(rosterContent(1, [['erika@office.example', 'Erika Muster', young]])),
    }),
  );
  const { item } = await officeMessage();
  const manifest = await openpgp.decrypt({
    message: await openpgp.readMessage({ armoredMessage: item.manifest }),
    decryptionKeys: mk,
    format: 'binary',
  });
  const armored = await openpgp.encrypt({
    message: await openpgp.createMessage({ binary: manifest.data, date: later }),
    encryptionKeys: [mk.toPublic()],
    signingKeys: young,
    date: later,
  });
  assert.equal((await box.openItem({ ...item, manifest: armored })).refused, undefined);
  const sealed = await box.seal({
    id,
    to: 'erika@office.example',
    subject: 's',
    text: 't',
    inReplyTo: null,
    references: [],
    attachments: [],
  });
  assert.match(sealed.manifest, /BEGIN PGP MESSAGE/);
});

test('keys, roster and message made by gpg 2.2 work, RSA among them', async () => {
  const make = (uid, sign, encrypt) => {
    gpg('--passphrase', '', '--quick-generate-key', uid, sign, 'sign', 'never');
    const made = gpg('--with-colons', '--list-keys', uid)
      .toString()
      .match(/^fpr:+([0-9A-F]{40}):/m)[1];
    gpg('--passphrase', '', '--quick-add-key', made, encrypt, 'encr', 'never');
    return made;
  };
  const key = make('<gpgkunde@example.org>', 'ed25519', 'cv25519');
  const staff = make('Rita RSA <rita@office.example>', 'rsa3072', 'rsa3072');
  const officeKey = make('Agentur gpg <gpgoffice@office.example>', 'rsa3072', 'rsa3072');
  const armored = (fingerprint) => gpg('--armor', '--export', fingerprint).toString();
  const content = {
    v: 1,
    version: 1,
    portal,
    office: officeKey,
    staff: [
      { address: 'rita@office.example', name: 'Rita', fingerprint: staff, key: armored(staff) },
    ],
  };
  await writeFile(join(home, 'roster'), JSON.stringify(content));
  const signature = gpg(
    '--armor',
    '-u',
    officeKey,
    '--output',
    '-',
    '--detach-sign',
    join(home, 'roster'),
  ).toString();
  const secret = gpg('--armor', '--export-secret-keys', key).toString();
  const box = await open(
    await loginAnswer(
      {
        office_key: armored(officeKey),
        roster: { version: 1, roster: b64u(utf8(JSON.stringify(content))), signature },
      },
      { office: officeKey, mailbox_key: secret },
    ),
  );
  const seal = async (bytes, ...how) => {
    await writeFile(join(home, 'plain'), bytes);
    return gpg(
      '--trust-model',
      'always',
      '--compress-algo',
      'none',
      '-r',
      key,
      '-r',
      staff,
      '-r',
      officeKey,
      '--output',
      '-',
      ...how,
      join(home, 'plain'),
    );
  };
  const body = new Uint8Array(
    await seal(JSON.stringify({ text: 'Von gpg', html: null }), '--encrypt'),
  );
  const manifest = {
    v: 1,
    portal,
    mailbox: handle,
    message: id,
    from: { name: 'Rita', address: 'rita@office.example' },
    to: [],
    cc: [],
    subject: 'Grüße',
    date: 1764000000,
    message_id: '<g@office.example>',
    in_reply_to: null,
    references: [],
    body: { blob: 0, format: 'json', size: 1, sha256: await sha256Hex(body) },
    attachments: [],
  };
  const opened = await box.openItem({
    id,
    folder: 'inbox',
    received: 1,
    expires: 2,
    size: 1,
    read: false,
    manifest: (
      await seal(JSON.stringify(manifest), '--armor', '-u', staff, '--sign', '--encrypt')
    ).toString(),
  });
  assert.equal(opened.refused, undefined);
  assert.equal(opened.signer.name, 'Rita');
  assert.equal((await box.readBody(id, body)).text, 'Von gpg');
  const sealed = await box.seal({
    id,
    to: 'rita@office.example',
    subject: 's',
    text: 'An gpg',
    inReplyTo: null,
    references: [],
    attachments: [],
  });
  await writeFile(join(home, 'to-gpg.asc'), sealed.blob);
  assert.match(gpg('--output', '-', '--decrypt', join(home, 'to-gpg.asc')).toString(), /An gpg/);
});

test('keys and messages are of the kinds that the protocol names', async () => {
  const made = await generateSignatureKey('kunde@example.org');
  assert.deepEqual(made.getAlgorithmInfo(), { algorithm: 'eddsaLegacy', curve: 'ed25519Legacy' });
  assert.equal(made.keyPacket.version, 4);
  const sealed = await mailbox.seal({
    ...{ id, to: 'office', subject: 'Arten', text: 'Arten', inReplyTo: null },
    ...{ references: [], attachments: [] },
  });
  for (const armoredMessage of [sealed.manifest, fromUtf8(sealed.blob)]) {
    const message = await openpgp.readMessage({ armoredMessage });
    // SEIPD 1: encrypted and protected against changes, as GnuPG 2.2 reads it.
    assert.deepEqual(
      Array.from(message.packets, (packet) => packet.constructor.tag).filter((tag) => tag !== 1),
      [18],
    );
    const [key] = await openpgp.decryptSessionKeys({ message, decryptionKeys: erika });
    assert.equal(key.algorithm, 'aes256');
    assert.equal(key.data.length, 32);
    const again = await openpgp.readMessage({ armoredMessage });
    const opened = await openpgp.decrypt({ message: again, sessionKeys: key, format: 'binary' });
    const { packets } = await opened.signatures[0].signature;
    assert.ok([8, 9, 10].includes(packets[0].hashAlgorithm), 'SHA-256 or longer');
  }
});
