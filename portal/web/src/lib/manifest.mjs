// SPDX-License-Identifier: GPL-3.0-or-later
//
// Manifests: what a message says about itself, signed by its author. Decides whether a message may be
// shown at all. Never shows a part of one that failed: refuse, name the reason, leave the rest alone.

import { sha256Hex } from './bytes.mjs';
import { decryptSigned, parseJson } from './pgp.mjs';
import { Refusal } from './refusal.mjs';
import { cleanLine, safeFileName } from './text.mjs';

export const MAX_MANIFEST = 64 * 1024;
const HASH = /^[0-9a-f]{64}$/;
const MAX_BLOBS = 200;

function person(value) {
  return { name: cleanLine(value?.name, 100), address: cleanLine(value?.address, 254) };
}

function people(value) {
  if (!Array.isArray(value)) throw new Refusal('manifest-format');
  return value.slice(0, 100).map(person);
}

function blobEntry(value) {
  const good =
    value &&
    Number.isInteger(value.blob) &&
    value.blob >= 0 &&
    value.blob < MAX_BLOBS &&
    Number.isSafeInteger(value.size) &&
    value.size >= 0 &&
    HASH.test(value.sha256);
  if (!good) throw new Refusal('manifest-format');
  return { blob: value.blob, size: value.size, sha256: value.sha256 };
}

function messageId(value) {
  return typeof value === 'string' && /^<[^<>\s\p{Cc}]{1,900}>$/u.test(value) ? value : null;
}

/** Checks the form of a decrypted manifest and keeps only what the pages use. */
export function readManifest(json) {
  if (
    json.v !== 1 ||
    !json.body ||
    !['json', 'mime'].includes(json.body.format) ||
    !Array.isArray(json.attachments) ||
    json.attachments.length >= MAX_BLOBS ||
    !Number.isSafeInteger(json.date)
  )
    throw new Refusal('manifest-format');
  return {
    portal: json.portal,
    mailbox: json.mailbox,
    message: json.message,
    from: person(json.from),
    to: people(json.to),
    cc: people(json.cc ?? []),
    subject: cleanLine(json.subject, 500),
    date: json.date,
    messageId: messageId(json.message_id),
    inReplyTo: messageId(json.in_reply_to),
    references: (Array.isArray(json.references) ? json.references : [])
      .map(messageId)
      .filter(Boolean)
      .slice(-50),
    body: { ...blobEntry(json.body), format: json.body.format },
    attachments: json.attachments.map((a, i) => ({
      ...blobEntry(a),
      name: safeFileName(a.name, `attachment-${i + 1}`),
      type: cleanLine(a.type, 100),
    })),
  };
}

/**
 * Opens the manifest of one message as the server lists it.
 * @param {{id: string, manifest: string}} item from the server: not trusted
 * @param {{portal, handle, mailboxKey, authors: openpgp.Key[], format: 'json'|'mime'}} mailbox ours: trusted.
 *   `authors`: the roster's keys for the inbox, our own CS for the sent folder
 * @returns {Promise<{manifest: object, signer: openpgp.Key}>}
 * @throws {Refusal}
 */
export async function openManifest(item, mailbox) {
  if (typeof item.manifest !== 'string' || item.manifest.length > 2 * MAX_MANIFEST)
    throw new Refusal('manifest-format');
  const { plain, signer } = await decryptSigned(item.manifest, mailbox.mailboxKey, mailbox.authors);
  const manifest = readManifest(parseJson(plain, 'manifest-format'));
  // A real, well signed message, shown in the wrong place, is a forgery too: the server may replay an old
  // message under a new id, or one office's mail to another customer.
  if (manifest.portal !== mailbox.portal) throw new Refusal('manifest-portal');
  if (manifest.mailbox !== mailbox.handle) throw new Refusal('manifest-mailbox');
  if (manifest.message !== item.id) throw new Refusal('manifest-message');
  if (manifest.body.format !== mailbox.format) throw new Refusal('manifest-format');
  return { manifest, signer };
}

/** Refuses bytes that are not the ones which the author's signature pins. */
export async function checkBlob(bytes, entry) {
  if ((await sha256Hex(bytes)) !== entry.sha256) throw new Refusal('blob-changed');
}
