// SPDX-License-Identifier: GPL-3.0-or-later
//
// Forgotten password and new credentials, with the real OPAQUE on both sides; and what a hostile server
// might answer instead.
import assert from 'node:assert/strict';
import { createHash, hkdfSync } from 'node:crypto';
import { before, test } from 'node:test';
import { load, loadPackage } from './load.mjs';

const openpgp = await loadPackage('openpgp/dist/node/openpgp.mjs');
const { server, ready } = await loadPackage('@serenity-kit/opaque/esm/index.js');
const { argon2id } = await loadPackage('hash-wasm/dist/index.umd.js');
const { Recovery } = await load('vault/recovery.mjs');
const { Mailbox } = await load('vault/mailbox.mjs');
const { Credentials } = await load('vault/credentials.mjs');
const { startLogin, finishLogin } = await load('vault/opaque.mjs');
const { judgeCode, makeCode } = await load('lib/code.mjs');
const { b64u, unb64u, utf8 } = await load('lib/bytes.mjs');
const { openWrap, padJson, sealWrap } = await load('lib/wrap.mjs');
const { generateSignatureKey, signDetached } = await load('lib/pgp.mjs');

const portal = 'http://127.0.0.1:8480';
const handle = '00112233445566778899aabbccddeeff';
const ANSWER = 'Frau Schröder-Weiß';
const rk = new Uint8Array(32).fill(9);
const refusal = (code) => (error) => error.name === 'Refusal' && error.code === code;
let setup, office, mk, cs, former, base, records, seed;

async function key(email, curve = 'curve25519Legacy') {
  const date = new Date(Date.now() - 60000);
  const made = { type: 'ecc', curve, userIDs: [{ email }], format: 'object', date };
  return (await openpgp.generateKey({ ...made, config: { v6Keys: false } })).privateKey;
}

function serverRecord(kind, request) {
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup: setup,
    userIdentifier: `${handle}/${kind}`,
    registrationRequest: request,
  });
  return registrationResponse;
}

/** The server's side of one login over a record. */
function evaluate(kind, record, request) {
  return server.startLogin({
    serverSetup: setup,
    userIdentifier: `${handle}/${kind}`,
    registrationRecord: record,
    startLoginRequest: request,
  }).loginResponse;
}

async function makeRecords(given) {
  const credentials = new Credentials(rk, handle, 1);
  const request = await credentials.start(given);
  const responses = {};
  if (request.password_request)
    responses.password_response = serverRecord('pw', request.password_request);
  if (request.answer_request)
    responses.answer_response = serverRecord('rec', request.answer_request);
  return credentials.finish(responses, () => {});
}

before(async () => {
  await ready;
  setup = server.createSetup();
  [office, mk, former] = await Promise.all([
    key('office@office.example'),
    key('kunde@kundenpost.example'),
    key('kunde@kundenpost.example', 'ed25519Legacy'),
  ]);
  cs = await generateSignatureKey('kunde@kundenpost.example');
  const content = {
    ...{ v: 1, portal, address: 'kunde@kundenpost.example', handle, generation: 1 },
    mailbox_key: mk.armor(),
    office: office.getFingerprint(),
    signature_key: cs.armor(),
    former_signature_keys: [b64u(former.toPublic().write())],
  };
  const roster = utf8(
    JSON.stringify({ v: 1, version: 1, portal, office: office.getFingerprint(), staff: [] }),
  );
  base = {
    handle,
    generation: 1,
    mailbox_wrap: b64u(await sealWrap(rk, 'mailbox', handle, 1, padJson(content))),
    office_key: office.toPublic().armor(),
    roster: { version: 1, roster: b64u(roster), signature: await signDetached(roster, office) },
  };
  seed = await makeRecords({ password: 'Gewitter Laterne Biber 17', answer: ANSWER });
  records = { answer: seed.answer_record, wrap: seed.answer_wrap };
});

const opened = (salt = null) => new Recovery({ handle, generation: 1, recovery_salt: salt });

async function answered(answer, recovery = opened()) {
  const request = await recovery.startAnswer({ answer });
  const finish = await recovery.finishAnswer({
    response: evaluate('rec', records.answer, request),
  });
  return { recovery, finish };
}

test('the right answer, however it is spelled, opens the mailbox; a wrong one gives nothing', async () => {
  const { recovery, finish } = await answered('FRAU SCHROEDER WEISS');
  assert.equal(typeof finish, 'string');
  const box = await recovery.open({
    answer: { ...base, root_wrap: records.wrap },
    portal,
    seen: {},
  });
  assert.equal(box.address, 'kunde@kundenpost.example');
  assert.equal((await answered('Frau Schulz')).finish, null);
});

test('a new password after a recovery wraps the same root key, and the old one does not', async () => {
  const { recovery } = await answered(ANSWER);
  await recovery.open({ answer: { ...base, root_wrap: records.wrap }, portal, seen: {} });
  const credentials = recovery.credentials();
  const request = await credentials.start({ password: 'Neues Passwort Biber 4' });
  assert.deepEqual(Object.keys(request), ['password_request']);
  const body = await credentials.finish(
    { password_response: serverRecord('pw', request.password_request) },
    () => {},
  );
  assert.deepEqual(Object.keys(body).sort(), ['password_record', 'password_wrap']);
  const login = async (password) => {
    const { state, request: ke1 } = await startLogin(password);
    return finishLogin(state, evaluate('pw', body.password_record, ke1), password);
  };
  const done = await login('Neues Passwort Biber 4');
  const plain = await openWrap(done.kek, 'password', handle, 1, unb64u(body.password_wrap));
  assert.deepEqual(plain, rk);
  assert.equal(await login('Gewitter Laterne Biber 17'), null);
});

test('swapped wraps, mailboxes, customers and rosters are refused in a recovery', async () => {
  const open = async (change) => {
    const { recovery } = await answered(ANSWER);
    return recovery.open({
      answer: { ...base, root_wrap: records.wrap, ...change },
      portal,
      seen: {},
    });
  };
  const other = new Uint8Array(32).fill(1);
  const evil = await key('office@office.example');
  for (const [change, code] of [
    [{ root_wrap: seed.password_wrap }, 'wrong-mailbox'],
    [{ root_wrap: b64u(await sealWrap(other, 'answer', handle, 1, other)) }, 'wrong-mailbox'],
    [{ root_wrap: '' }, 'wrong-mailbox'],
    [{ root_wrap: null }, 'wrong-mailbox'],
    [
      { mailbox_wrap: b64u(await sealWrap(other, 'mailbox', handle, 1, padJson({}))) },
      'wrong-mailbox',
    ],
    [{ handle: handle.replace('0', '1') }, 'wrong-mailbox'],
    [{ generation: 2 }, 'wrong-mailbox'],
    [{ office_key: evil.toPublic().armor() }, 'wrong-office-key'],
    [{ roster: { ...base.roster, version: 2 } }, 'roster-forged'],
  ])
    await assert.rejects(open(change), refusal(code), JSON.stringify(change).slice(0, 60));
  const { recovery } = await answered(ANSWER);
  await assert.rejects(
    recovery.open({
      answer: { ...base, root_wrap: records.wrap },
      portal: 'https://portal.evil.example',
      seen: {},
    }),
    refusal('wrong-portal'),
  );
  // Even wraps that fit together, of somebody whose answer is the same, are not the ones that were opened.
  const state = await startLogin('frauschroederweiss');
  const evaluated = evaluate('rec', records.answer, state.request);
  const { kek } = await finishLogin(state.state, evaluated, 'frauschroederweiss');
  const twin = await sealWrap(kek, 'answer', handle, 2, rk);
  const inside = { v: 1, portal, handle, generation: 2, office: office.getFingerprint() };
  const mailbox_wrap = b64u(await sealWrap(rk, 'mailbox', handle, 2, padJson(inside)));
  await assert.rejects(
    open({ root_wrap: b64u(twin), mailbox_wrap, generation: 2 }),
    refusal('wrong-mailbox'),
  );
  // Nothing can be changed before something was opened.
  assert.throws(() => recovery.credentials());
});

test('a recovery code has the labels of the protocol and opens with the digits on the paper', async () => {
  const { digits, recovery } = await new Credentials(rk, handle, 1).makeRecoveryCode();
  assert.match(digits, /^\d{21}$/);
  assert.equal(judgeCode(digits), 'plausible');
  const stretched = await argon2id({
    ...{ password: digits, salt: unb64u(recovery.salt), iterations: 3, memorySize: 65536 },
    ...{ parallelism: 1, hashLength: 64, outputType: 'binary' },
  });
  const expand = (name) =>
    Buffer.from(hkdfSync('sha512', stretched, Buffer.alloc(0), `sgp1 recovery ${name}`, 32));
  const hash = createHash('sha256').update(expand('auth')).digest('base64url');
  assert.equal(recovery.auth_hash, hash);
  const wrap = unb64u(recovery.wrap);
  assert.deepEqual(await openWrap(new Uint8Array(expand('kek')), 'recovery', handle, 1, wrap), rk);
  const episode = opened(recovery.salt);
  assert.equal(await episode.startCode({ digits }), expand('auth').toString('base64url'));
  const box = await episode.open({
    answer: { ...base, root_wrap: recovery.wrap },
    portal,
    seen: {},
  });
  assert.equal(box.address, 'kunde@kundenpost.example');
  // The answer's wrap in the code's place does not open.
  const second = opened(recovery.salt);
  await second.startCode({ digits });
  await assert.rejects(
    second.open({ answer: { ...base, root_wrap: records.wrap }, portal, seen: {} }),
    refusal('wrong-mailbox'),
  );
});

test('a mistyped code, or a code where none was made, is told without asking the server', async () => {
  const digits = makeCode();
  const typo = digits.slice(0, 20) + ((Number(digits[20]) + 1) % 10);
  await assert.rejects(
    opened(b64u(rk.slice(0, 16))).startCode({ digits: typo }),
    refusal('wrong-code'),
  );
  await assert.rejects(opened(null).startCode({ digits }), refusal('wrong-code'));
});

test('codes are made of evenly spread digits', () => {
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 500; i++) for (const digit of makeCode().slice(0, 20)) counts[digit]++;
  for (const count of counts) assert.ok(count > 800 && count < 1200, counts.join());
});

async function mailbox() {
  const kek = new Uint8Array(32).fill(5);
  const password_wrap = b64u(await sealWrap(kek, 'password', handle, 1, rk));
  return {
    box: await Mailbox.open({ ...base, password_wrap }, kek, portal, {}),
    kek,
    password_wrap,
  };
}

test('the password once more must open this mailbox and no other', async () => {
  const { box, kek, password_wrap } = await mailbox();
  await box.confirm({ ...base, password_wrap }, kek);
  await assert.rejects(
    box.confirm({ ...base, password_wrap, handle: handle.replace('0', '1') }, kek),
    refusal('wrong-mailbox'),
  );
  const other = await sealWrap(kek, 'password', handle, 1, new Uint8Array(32));
  await assert.rejects(
    box.confirm({ ...base, password_wrap: b64u(other) }, kek),
    refusal('wrong-mailbox'),
  );
});

test('a deposit is signed by the customer: what a server adds or moves is marked as foreign', async () => {
  const { box } = await mailbox();
  const own = await key('kunde@kundenpost.example');
  const put = await box.depositKey(own.toPublic().armor());
  assert.equal(put.id, createHash('sha256').update(put.key).digest('hex'));
  const evil = (await key('kunde@kundenpost.example')).toPublic().armor();
  const id = createHash('sha256').update(evil).digest('hex');
  const [good, added, kind, moved] = await box.describeKeys([
    { ...put, deposited: 1 },
    { ...put, id, key: evil, deposited: 1 },
    { ...put, kind: 'smime', deposited: 1 },
    { ...put, id, deposited: 1 },
  ]);
  assert.equal(good.foreign, false);
  assert.equal(good.fingerprint, own.getFingerprint());
  for (const bad of [added, kind, moved]) assert.equal(bad.foreign, true);
  await assert.rejects(box.inspectKey(office.toPublic().armor()), refusal('key-ours'));
});

test('a deposit of before a reset, signed with the former key, is still known', async () => {
  const { box } = await mailbox();
  const pem = (await key('kunde@kundenpost.example')).toPublic().armor();
  const statement = utf8(`sgp1 key\0${handle}\x001\0openpgp\0${pem}`);
  const id = createHash('sha256').update(pem).digest('hex');
  const entry = { id, kind: 'openpgp', key: pem, deposited: 1 };
  const [known] = await box.describeKeys([
    { ...entry, signature: await signDetached(statement, former) },
  ]);
  assert.equal(known.foreign, false);
});

test('a former key counts only if the office vouched for it inside the wrap', async () => {
  const id = '019ac000-0000-7000-8000-000000000001';
  const evil = await key('kunde@kundenpost.example', 'ed25519Legacy');
  const item = async (author) => {
    const manifest = {
      ...{
        v: 1,
        portal,
        mailbox: handle,
        message: id,
        from: {},
        to: [],
        cc: [],
        subject: 'Früher',
      },
      ...{
        date: 1764000000,
        message_id: '<a@b>',
        in_reply_to: null,
        references: [],
        attachments: [],
      },
      body: { blob: 0, format: 'mime', size: 1, sha256: '0'.repeat(64) },
    };
    const armored = await openpgp.encrypt({
      message: await openpgp.createMessage({ text: JSON.stringify(manifest) }),
      encryptionKeys: mk.toPublic(),
      signingKeys: author,
    });
    return { id, folder: 'sent', received: 1, expires: 2, read: true, size: 1, manifest: armored };
  };
  const kek = new Uint8Array(32).fill(5);
  const password_wrap = b64u(await sealWrap(kek, 'password', handle, 1, rk));
  // The server's own list, beside the wrap.
  const former_signature_keys = [b64u(evil.toPublic().write())];
  const box = await Mailbox.open(
    { ...base, password_wrap, former_signature_keys },
    kek,
    portal,
    {},
  );
  assert.equal((await box.openItem(await item(former))).subject, 'Früher');
  assert.equal((await box.openItem(await item(cs))).subject, 'Früher');
  assert.equal((await box.openItem(await item(evil))).refused, 'signature');
});
