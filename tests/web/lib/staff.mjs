// SPDX-License-Identifier: GPL-3.0-or-later
//
// The office's side of PROTOCOL.md, as small as it can be: enrols a device, invites a customer, publishes
// messages. Written from the protocol alone and sharing no code with the pages, so that the two check each other.

import { createCipheriv, createHash, hkdfSync, randomBytes, randomInt } from 'node:crypto';
import { argon2id } from 'hash-wasm';
import * as openpgp from 'openpgp';

const config = {
  v6Keys: false,
  preferredCompressionAlgorithm: openpgp.enums.compression.uncompressed,
};
const b64u = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding);

export async function makeKey(name, email) {
  const date = new Date(Date.now() - 60000);
  const { privateKey } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name, email }],
    format: 'object',
    date,
    config,
  });
  return privateKey;
}

export function uuidv7() {
  const b = randomBytes(16);
  b.writeUIntBE(Date.now(), 0, 6);
  b[6] = 0x70 | (b[6] & 15);
  b[8] = 0x80 | (b[8] & 63);
  return b.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const QUASIGROUP = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
];

export function makeCode() {
  let digits = '';
  let state = 0;
  for (let i = 0; i < 20; i++) {
    const digit = randomInt(10);
    digits += digit;
    state = Number(QUASIGROUP[state][digit]);
  }
  return digits + state;
}

async function codeKeys(digits, salt) {
  const stretched = await argon2id({
    password: digits,
    salt,
    iterations: 3,
    memorySize: 65536,
    parallelism: 1,
    hashLength: 64,
    outputType: 'binary',
  });
  const expand = (name) =>
    Buffer.from(hkdfSync('sha512', stretched, Buffer.alloc(0), `sgp1 code ${name}`, 32));
  return { kek: expand('kek'), auth: expand('auth') };
}

function wrap(key, kind, handle, generation, plain) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(`sgp1 wrap\0${kind}\0${handle}\0${generation}`));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function padded(value) {
  const text = Buffer.from(JSON.stringify(value));
  return Buffer.concat([text, Buffer.alloc((4096 - (text.length % 4096)) % 4096, 0x20)]);
}

export class Staff {
  /** @param {string} origin the portal's; @param {string} base where to send requests */
  constructor(origin, base = origin) {
    this.origin = origin;
    this.base = base;
    this.address = 'erika.muster@office.example';
    this.name = 'Erika Muster';
  }

  async call(method, path, body = null, headers = {}) {
    const json = body !== null && !(body instanceof Uint8Array);
    const response = await fetch(this.base + path, {
      method,
      body: json ? JSON.stringify(body) : body,
      headers: {
        ...(json ? { 'Content-Type': 'application/json' } : {}),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async json(...given) {
    return (await this.call(...given)).json();
  }

  async signRoster(version, key = this.officeKey) {
    const staff = [
      {
        address: this.address,
        name: this.name,
        fingerprint: this.key.getFingerprint(),
        key: this.key.toPublic().armor(),
      },
    ];
    const bytes = Buffer.from(
      JSON.stringify({
        v: 1,
        version,
        portal: this.origin,
        office: this.officeKey.getFingerprint(),
        staff,
      }),
    );
    const signature = await openpgp.sign({
      message: await openpgp.createMessage({ binary: bytes }),
      signingKeys: key,
      detached: true,
      config,
    });
    return { version, roster: b64u(bytes), signature };
  }

  async enrol(token) {
    this.officeKey = await makeKey('Agentur Muster', 'office@office.example');
    this.key = await makeKey(this.name, this.address);
    const answer = await this.json('POST', '/api/v1/devices:enrol', {
      token,
      device_name: 'test',
      staff_key: this.key.toPublic().armor(),
      office_key: this.officeKey.toPublic().armor(),
      roster: await this.signRoster(1),
    });
    this.token = answer.device_token;
  }

  async lookup(address) {
    return (await this.json('POST', '/api/v1/directory:lookup', { addresses: [address] }))
      .customers[0];
  }

  /** Code, wrap and escrow for one generation of a customer: {digits, salt, body}. */
  async #invitation({ address, handle, generation, mailboxKey, language, former = [] }) {
    const digits = makeCode();
    const salt = randomBytes(16);
    const keys = await codeKeys(digits, salt);
    const box = {
      v: 1,
      portal: this.origin,
      address,
      handle,
      generation,
      mailbox_key: mailboxKey.armor(),
      office: this.officeKey.getFingerprint(),
      ...(former.length > 0 ? { former_signature_keys: former } : {}),
    };
    const escrow = await openpgp.encrypt({
      message: await openpgp.createMessage({
        text: JSON.stringify({ ...box, code: digits, salt: b64u(salt) }),
      }),
      encryptionKeys: this.officeKey.toPublic(),
      signingKeys: this.key,
      config,
    });
    const body = {
      address,
      generation,
      language,
      mailbox_key: mailboxKey.toPublic().armor(),
      code_wrap: b64u(wrap(keys.kek, 'code', handle, generation, padded(box))),
      salt: b64u(salt),
      auth_hash: b64u(sha256(keys.auth)),
      escrow,
    };
    return { digits, salt, body };
  }

  /** Makes MK and the code for an address, and uploads the wrap. */
  async invite(address, language = 'de') {
    const { handle } = await this.lookup(address);
    const mailboxKey = await makeKey('', address);
    const made = await this.#invitation({ address, handle, generation: 1, mailboxKey, language });
    const answer = await this.json('PUT', `/api/v1/customers/${handle}`, made.body);
    const { digits, salt } = made;
    return { address, handle, mailboxKey, digits, salt, invitation: answer.invitation };
  }

  /** A new code for the same MK, after the customer's identity was checked. */
  async reset(customer, language = 'de') {
    const { address, handle, mailboxKey } = customer;
    const known = await this.lookup(address);
    const former = [...(known.former_signature_keys ?? []), known.signature_key].filter(Boolean);
    const generation = known.generation + 1;
    const given = { address, handle, generation, mailboxKey, language, former };
    const { digits, salt, body } = await this.#invitation(given);
    const answer = await this.json('POST', `/api/v1/customers/${handle}:reset`, {
      ...body,
      identity_record: sha256('identity record', 'hex'),
    });
    return { ...customer, digits, salt, invitation: answer.invitation };
  }

  async seal(bytes, customer, signer = null, format = 'binary') {
    return openpgp.encrypt({
      message: await openpgp.createMessage({ binary: Buffer.from(bytes) }),
      encryptionKeys: [
        customer.mailboxKey.toPublic(),
        this.key.toPublic(),
        this.officeKey.toPublic(),
      ],
      ...(signer ? { signingKeys: signer } : {}),
      format,
      config,
    });
  }

  async upload(bytes) {
    const made = await this.call('POST', '/api/v1/uploads', null, {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.length),
    });
    const path = new URL(made.headers.get('Location'), this.base).pathname;
    await this.call('PATCH', path, bytes, {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': '0',
      'Content-Type': 'application/offset+octet-stream',
    });
    return path.split('/').pop();
  }

  /** A sealed message, not yet sent: tests may put it in a wrong place. */
  async compose(
    customer,
    { subject, text, html = null, files = [], signer = this.key, over = {}, id = uuidv7() },
  ) {
    const body = await this.seal(JSON.stringify({ text, html }), customer);
    const sealed = [body];
    const attachments = [];
    for (const [i, file] of files.entries()) {
      const blob = await this.seal(file.bytes, customer);
      sealed.push(blob);
      attachments.push({
        blob: i + 1,
        name: file.name,
        type: file.type,
        size: file.bytes.length,
        sha256: sha256(blob, 'hex'),
      });
    }
    const messageId = `<${id}@office.example>`;
    const manifest = {
      v: 1,
      portal: this.origin,
      mailbox: customer.handle,
      message: id,
      from: { name: this.name, address: this.address },
      to: [{ name: '', address: customer.address }],
      cc: [],
      subject,
      date: Math.floor(Date.now() / 1000),
      message_id: messageId,
      in_reply_to: null,
      references: [],
      body: { blob: 0, format: 'json', size: text.length, sha256: sha256(body, 'hex') },
      attachments,
      ...over,
    };
    return {
      id,
      messageId,
      blobs: sealed,
      manifest: await this.seal(JSON.stringify(manifest), customer, signer, 'armored'),
    };
  }

  async publish(customer, content) {
    const message = await this.compose(customer, content);
    const blobs = [];
    for (const blob of message.blobs)
      blobs.push({
        upload: await this.upload(blob),
        size: blob.length,
        sha256: sha256(blob, 'hex'),
      });
    await this.call('PUT', `/api/v1/messages/${message.id}`, {
      customer: customer.handle,
      manifest: message.manifest,
      blobs,
    });
    await this.call('POST', `/api/v1/messages/${message.id}:publish`, {});
    return message;
  }

  /** The first event of a type, past or future; asks by long poll. */
  async waitForEvent(type, tries = 5) {
    for (let after = 0, i = 0; i < tries; i++) {
      const { events, last } = await this.json('GET', `/api/v1/events?after=${after}&wait=5`);
      const found = events.find((event) => event.type === type);
      if (found) return found;
      after = last;
    }
    throw new Error(`no event ${type}`);
  }

  async state(id) {
    return this.json('GET', `/api/v1/messages/${id}`);
  }
}
