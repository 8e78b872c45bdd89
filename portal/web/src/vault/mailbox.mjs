// SPDX-License-Identifier: GPL-3.0-or-later
//
// An open mailbox: RK, MK, CS, the pinned office and its roster. Lives in the worker and nowhere else;
// no method gives a key out. Opens and seals messages, never talks to the network.

import PostalMime from 'postal-mime';
import { fromUtf8, sha256Hex, unb64u, utf8, b64u } from '../lib/bytes.mjs';
import { checkBlob, MAX_MANIFEST, openManifest } from '../lib/manifest.mjs';
import { buildEntity } from '../lib/mime.mjs';
import {
  decryptPinned,
  decryptSigned,
  detachedIsGood,
  fingerprint,
  parseJson,
  readPrivate,
  readPublicBinary,
  sealSigned,
  signDetached,
} from '../lib/pgp.mjs';
import { Refusal } from '../lib/refusal.mjs';
import { openRoster } from '../lib/roster.mjs';
import { buildEml } from '../lib/eml.mjs';
import { describeKey, inspectKey, keyStatement } from '../lib/deposit.mjs';
import { cleanLine, safeFileName } from '../lib/text.mjs';
import { openWrap, sealWrap } from '../lib/wrap.mjs';
import { Credentials } from './credentials.mjs';

const KEPT = 4_000_000; // characters

/** @returns {Promise<Uint8Array>} RK out of its wrap; `kind`: password, answer or recovery */
export async function openRoot(kek, kind, answer, wrap) {
  try {
    return await openWrap(kek, kind, answer.handle, answer.generation, unb64u(wrap));
  } catch (cause) {
    throw new Refusal('wrong-mailbox', cause);
  }
}

/**
 * What RK opens, compared with everything that the server says beside it.
 * @returns {Promise<{content: object, roster: object}>} @throws {Refusal}
 */
export async function openContent(rk, answer, portal, seen) {
  const content = await openBox(rk, answer);
  if (
    content.v !== 1 ||
    content.handle !== answer.handle ||
    content.generation !== answer.generation
  )
    throw new Refusal('wrong-mailbox');
  if (content.portal !== portal) throw new Refusal('wrong-portal');
  const roster = await openRoster({
    pinned: content.office,
    portal,
    officeKey: answer.office_key,
    roster: answer.roster,
    seen,
  });
  return { content, roster };
}

async function openBox(rk, answer) {
  try {
    return parseJson(
      await openWrap(rk, 'mailbox', answer.handle, answer.generation, unb64u(answer.mailbox_wrap)),
      'wrong-mailbox',
    );
  } catch (cause) {
    throw new Refusal('wrong-mailbox', cause);
  }
}

export class Mailbox {
  #rk;
  #mk;
  #cs;
  #former = []; // our own signature keys of before a reset: they verify, and sign nothing
  #portal;
  #handle;
  #generation;
  #address;
  #roster;
  #opened = new Map(); // message id → {sealed, folder, manifest, signer, files}
  #bodies = new Map(); // message id → what readBody gave, the newest last; never more than KEPT characters

  /**
   * @param {object} answer of login/finish, not trusted
   * @param {Uint8Array} kek of the password's record
   * @param {string} portal this page's origin
   * @param {object} seen roster versions seen before, by office fingerprint
   */
  static async open(answer, kek, portal, seen) {
    const box = new Mailbox();
    box.#rk = await openRoot(kek, 'password', answer, answer.password_wrap);
    const { content, roster } = await openContent(box.#rk, answer, portal, seen);
    box.#roster = roster;
    box.#mk = await readPrivate(content.mailbox_key);
    box.#cs = await readPrivate(content.signature_key);
    // Keys of before a reset, which the office vouched for inside the wrap. The server's own list
    // (login/finish names one too) counts for nothing: it could add a key of its own.
    box.#former = await Promise.all(
      (content.former_signature_keys ?? []).map((key) => readPublicBinary(unb64u(key))),
    );
    box.#portal = portal;
    box.#handle = content.handle;
    box.#generation = content.generation;
    box.#address = content.address;
    return box;
  }

  describe() {
    return {
      address: this.#address,
      handle: this.#handle,
      office: fingerprint(this.#roster.office),
      version: this.#roster.version,
      staff: this.#roster.staff.map(({ address, name }) => ({ address, name })),
    };
  }

  #ownKeys() {
    return [this.#cs.toPublic(), ...this.#former];
  }

  /** Whose messages open: the mail of a colleague who has left stays readable. Never for recipients. */
  #authors() {
    return [...this.#roster.staff, ...this.#roster.former];
  }

  #reader(folder) {
    const common = { portal: this.#portal, handle: this.#handle, mailboxKey: this.#mk };
    return folder === 'sent'
      ? { ...common, authors: this.#ownKeys(), format: 'mime' }
      : { ...common, authors: this.#authors().map((member) => member.key), format: 'json' };
  }

  /**
   * Opens the manifest of one listed message. One that is refused is reported, not thrown: it must not hide the others.
   * @returns {Promise<{id, refused: string}|object>}
   */
  async openItem(item) {
    const { id, folder, received, expires, read, size } = item;
    const outside = {
      id,
      folder: folder === 'sent' ? 'sent' : 'inbox',
      received,
      expires,
      read: read === true,
      size,
    };
    try {
      const { manifest, signer } = await this.#openManifest(item, outside.folder);
      const member = this.#authors().find((m) => m.fingerprint === fingerprint(signer));
      return {
        ...outside,
        from: manifest.from,
        to: manifest.to,
        cc: manifest.cc,
        subject: manifest.subject,
        date: manifest.date,
        messageId: manifest.messageId,
        references: manifest.references,
        bodyBlob: manifest.body.blob,
        bodySize: manifest.body.size,
        attachments: manifest.attachments.map(({ name, size: bytes, blob }, index) => ({
          name,
          size: bytes,
          blob,
          index,
        })),
        signer:
          outside.folder === 'sent'
            ? { name: '', address: this.#address }
            : { name: member.name, address: member.address },
      };
    } catch (error) {
      return { ...outside, refused: error instanceof Refusal ? error.code : 'unreadable' };
    }
  }

  /** The very same bytes in the same folder were judged before: the list is shown often, and each costs milliseconds. */
  async #openManifest(item, folder) {
    const before = this.#opened.get(item.id);
    if (before && before.sealed === item.manifest && before.folder === folder) return before;
    const { manifest, signer } = await openManifest(item, this.#reader(folder));
    const entry = { sealed: item.manifest, folder, manifest, signer, files: null };
    this.#opened.set(item.id, entry);
    this.#bodies.delete(item.id);
    return entry;
  }

  #keep(id, entry, body) {
    if (this.#opened.get(id) !== entry) return body; // another manifest came meanwhile
    this.#bodies.delete(id); // so that it becomes the newest
    this.#bodies.set(id, body);
    let characters = 0;
    for (const [kept, { text, html }] of [...this.#bodies].reverse()) {
      characters += text.length + (html?.length ?? 0);
      if (characters > KEPT) this.#bodies.delete(kept);
    }
    return body;
  }

  /** @returns {object|null} the body again, if it was read lately; gone with the worker like every key */
  keptBody(id) {
    return this.#bodies.get(id) ?? null;
  }

  /** The signed manifest decides which blob belongs to a message; unknown ids have not been verified. */
  #verified(id) {
    const entry = this.#opened.get(id);
    if (!entry) throw new Refusal('blob-missing');
    return entry;
  }

  /** @returns {Promise<{text: string, html: string|null, attachments: object[]|null}>} */
  async readBody(id, bytes) {
    const entry = this.#verified(id);
    const { body } = entry.manifest;
    await checkBlob(bytes, body);
    if (body.format === 'mime') return this.#keep(id, entry, await this.#readEntity(entry, bytes));
    const json = parseJson(await this.#decryptBlob(bytes), 'blob-unreadable');
    if (typeof json.text !== 'string') throw new Refusal('blob-unreadable');
    return this.#keep(id, entry, {
      text: json.text,
      html: typeof json.html === 'string' && json.html ? json.html : null,
      attachments: null,
    });
  }

  async #readEntity(entry, bytes) {
    const { plain } = await decryptSigned(fromUtf8(bytes), this.#mk, this.#ownKeys());
    const mail = await PostalMime.parse(plain);
    entry.files = mail.attachments.map((file, i) => ({
      name: safeFileName(file.filename, `attachment-${i + 1}`),
      bytes: new Uint8Array(file.content),
    }));
    return {
      text: mail.text ?? '',
      html: null,
      attachments: entry.files.map(({ name, bytes: content }, index) => ({
        name,
        size: content.length,
        blob: null,
        index,
      })),
    };
  }

  async #decryptBlob(bytes) {
    try {
      return await decryptPinned(bytes, this.#mk);
    } catch (cause) {
      throw new Refusal('blob-unreadable', cause);
    }
  }

  /** @param {Uint8Array|null} bytes of the blob; null where the file is inside the body (sent messages) */
  async readAttachment(id, index, bytes) {
    const entry = this.#verified(id);
    if (bytes === null) {
      const file = entry.files?.[index];
      if (!file) throw new Refusal('blob-missing');
      return { name: file.name, bytes: file.bytes.slice() };
    }
    const pinned = entry.manifest.attachments[index];
    if (!pinned) throw new Refusal('blob-missing');
    await checkBlob(bytes, pinned);
    return { name: pinned.name, bytes: await this.#decryptBlob(bytes) };
  }

  /** Current staff only: a key of somebody who left, or of a lost device, must not read what is written now. */
  #recipients(to) {
    if (to === 'office') return this.#roster.staff;
    const member = this.#roster.staff.find((m) => m.address === to);
    if (!member) throw new Refusal('no-recipient-key');
    return [member];
  }

  /**
   * Seals a reply or a new message: nothing of it leaves the worker in clear.
   * @param {{id, to: string, subject, text, inReplyTo, references, attachments}} mail `to`: a roster address or "office"
   * @returns {Promise<{manifest: string, blob: Uint8Array, sha256: string}>}
   */
  async seal(mail, date = Math.floor(Date.now() / 1000)) {
    const members = this.#recipients(mail.to);
    const keys = [...members.map((m) => m.key), this.#roster.office, this.#mk.toPublic()];
    const from = { name: '', address: this.#address };
    const to = members.map(({ name, address }) => ({ name, address }));
    const messageId = `<${mail.id}@${new URL(this.#portal).hostname}>`;
    const inReplyTo = mail.inReplyTo ?? null;
    const head = {
      from,
      to,
      subject: cleanLine(mail.subject, 500),
      date,
      messageId,
      inReplyTo,
      references: mail.references,
    };
    const entity = buildEntity({ ...head, text: mail.text, attachments: mail.attachments });
    const blob = utf8(await sealSigned(entity, keys, this.#cs, 'armored'));
    const sha256 = await sha256Hex(blob);
    const manifest = {
      v: 1,
      portal: this.#portal,
      mailbox: this.#handle,
      message: mail.id,
      from,
      to,
      cc: [],
      subject: head.subject,
      date,
      message_id: messageId,
      in_reply_to: inReplyTo,
      references: mail.references,
      body: { blob: 0, format: 'mime', size: entity.length, sha256 },
      attachments: [],
    };
    const armored = await sealSigned(utf8(JSON.stringify(manifest)), keys, this.#cs, 'armored');
    if (armored.length > MAX_MANIFEST) throw new Refusal('manifest-format');
    return { manifest: armored, blob, sha256 };
  }

  async sealDraft(draft) {
    return b64u(
      await sealWrap(
        this.#rk,
        'draft',
        this.#handle,
        this.#generation,
        utf8(JSON.stringify(draft)),
      ),
    );
  }

  async openDraft(id, wrap) {
    const draft = parseJson(
      await openWrap(this.#rk, 'draft', this.#handle, this.#generation, unb64u(wrap)),
      'unreadable',
    );
    // The wrap's own data does not name the draft, so the draft does: no draft turns up in another's place.
    if (draft.id !== id) throw new Refusal('unreadable');
    return draft;
  }

  /** New records and wraps for the same RK. */
  credentials() {
    return new Credentials(this.#rk, this.#handle, this.#generation);
  }

  /** Whether the password just typed is this mailbox's: another customer's login opens another RK, or none. */
  async confirm(answer, kek) {
    if (answer.handle !== this.#handle) throw new Refusal('wrong-mailbox');
    const rk = await openRoot(kek, 'password', answer, answer.password_wrap);
    const same = rk.every((byte, i) => byte === this.#rk[i]);
    rk.fill(0);
    if (!same) throw new Refusal('wrong-mailbox');
  }

  /** One opened message as a mail file. @param {Uint8Array[]} files the sealed attachments, in the manifest's order */
  async toEml(id, bytes, files) {
    const { manifest, signer } = this.#verified(id);
    await checkBlob(bytes, manifest.body);
    if (manifest.body.format === 'mime')
      return (await decryptSigned(fromUtf8(bytes), this.#mk, this.#ownKeys())).plain;
    const json = parseJson(await this.#decryptBlob(bytes), 'blob-unreadable');
    const attachments = [];
    for (const [i, pinned] of manifest.attachments.entries()) {
      if (!files[i]) throw new Refusal('blob-missing');
      await checkBlob(files[i], pinned);
      attachments.push({ ...pinned, bytes: await this.#decryptBlob(files[i]) });
    }
    return buildEml({
      ...manifest,
      text: String(json.text ?? ''),
      html: typeof json.html === 'string' && json.html ? json.html : null,
      attachments,
      signer: fingerprint(signer),
    });
  }

  /** Reads what the customer wants to deposit. @throws {Refusal} key-… */
  async inspectKey(data) {
    const found = await inspectKey(data, this.#address);
    const ours = [this.#roster.office, ...this.#authors().map((member) => member.key)];
    if (ours.some((key) => fingerprint(key) === found.fingerprint)) throw new Refusal('key-ours');
    return found;
  }

  /** @returns {Promise<{id, kind, key, signature}>} the body of PUT /p/v1/keys/{id} */
  async depositKey(data) {
    const { kind, key } = await this.inspectKey(data);
    const statement = keyStatement(this.#handle, this.#generation, kind, key);
    return {
      id: await sha256Hex(utf8(key)),
      kind,
      key,
      signature: await signDetached(statement, this.#cs),
    };
  }

  /**
   * The deposited keys as the server lists them. Those that we did not sign are marked `foreign`; those that
   * we signed before a reset `former`: nobody uses them until they are confirmed.
   */
  async describeKeys(keys) {
    return Promise.all(
      keys.map(async (entry) => {
        const standing = await this.#standing(entry);
        const what = await describeKey(entry.kind, entry.key, this.#address).catch(() => null);
        return {
          id: entry.id,
          deposited: entry.deposited,
          former: standing === 'former',
          foreign: standing === 'foreign' || !what,
          ...what,
        };
      }),
    );
  }

  /** @returns {Promise<{id, kind, key, signature}>} a key of before a reset, signed by the key of now */
  async confirmKey(entry) {
    if ((await this.#standing(entry)) !== 'former') throw new Refusal('key-none');
    const { id, kind, key } = entry;
    const statement = keyStatement(this.#handle, this.#generation, kind, key);
    return { id, kind, key, signature: await signDetached(statement, this.#cs) };
  }

  /** What our own signatures say, whatever the server calls it: 'own', 'former' or 'foreign'. */
  async #standing({ id, kind, key, signature }) {
    if (typeof key !== 'string' || id !== (await sha256Hex(utf8(key)))) return 'foreign';
    const isBy = (author, generation) =>
      detachedIsGood(keyStatement(this.#handle, generation, kind, key), signature, author);
    if (await isBy(this.#cs.toPublic(), this.#generation)) return 'own';
    for (let generation = this.#generation; generation >= 1; generation--)
      for (const author of this.#former) if (await isBy(author, generation)) return 'former';
    return 'foreign';
  }

  /** The office's certificate, as pinned: for the customer's own mail program. */
  officeKey() {
    return {
      key: this.#roster.office.armor(),
      fingerprint: fingerprint(this.#roster.office),
    };
  }
}
