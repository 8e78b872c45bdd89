// SPDX-License-Identifier: GPL-3.0-or-later
//
// Everything that we ask of OpenPGP.js, with the settings pinned. Owns no key; never looks one up by
// address: keys come in as objects whose fingerprints the caller has checked.

import * as openpgp from 'openpgp';
import { fromUtf8 } from './bytes.mjs';
import { Refusal } from './refusal.mjs';

export const MAX_DECOMPRESSED = 64 * 1024 * 1024;

// v4 keys with the "Legacy" curve ids and SEIPD v1: the newer kinds of RFC 9580 are unknown to GnuPG 2.2,
// which the office runs. The limit stops decompression bombs (the library's own default is infinite), and
// unauthenticated messages are refused (EFAIL). Compression is off: it is slow, and its length leaks.
export const CONFIG = {
  ...openpgp.config,
  v6Keys: false,
  aeadProtect: false,
  allowUnauthenticatedMessages: false,
  maxDecompressedMessageSize: MAX_DECOMPRESSED,
  preferredCompressionAlgorithm: openpgp.enums.compression.uncompressed,
  preferredSymmetricAlgorithm: openpgp.enums.symmetric.aes256,
  showVersion: false,
  showComment: false,
};

// The clocks of customers' devices are wrong more often than anybody forges a date: a day's difference is
// no reason to refuse a genuine signature, or to make a key that the office's gpg calls "from the future".
const DAY = 24 * 60 * 60 * 1000;
const lenientNow = () => new Date(Date.now() + DAY);

/** @returns {Promise<openpgp.PrivateKey>} an Ed25519 key that signs and does nothing else */
export async function generateSignatureKey(address, date = new Date(Date.now() - DAY)) {
  const { privateKey } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ email: address }],
    subkeys: [],
    date,
    format: 'object',
    config: CONFIG,
  });
  return privateKey;
}

export async function readPublic(armoredKey) {
  return openpgp.readKey({ armoredKey, config: CONFIG });
}

/** @param {Uint8Array} bytes one transferable public key, as `signature_key` travels */
export async function readPublicBinary(bytes) {
  return openpgp.readKey({ binaryKey: bytes, config: CONFIG });
}

export async function readPrivate(armoredKey) {
  return openpgp.readPrivateKey({ armoredKey, config: CONFIG });
}

/** @returns {string} the whole fingerprint, lower case hex */
export function fingerprint(key) {
  return key.getFingerprint().toLowerCase();
}

/** True if `armored` is a valid detached signature over `bytes` by `key`. Never throws for a bad signature. */
export async function detachedIsGood(bytes, armored, key) {
  try {
    const { signatures } = await openpgp.verify({
      message: await openpgp.createMessage({ binary: bytes }),
      signature: await openpgp.readSignature({ armoredSignature: armored, config: CONFIG }),
      verificationKeys: [key],
      format: 'binary',
      date: lenientNow(),
      config: CONFIG,
    });
    if (signatures.length !== 1) return false;
    return await signatures[0].verified;
  } catch {
    return false;
  }
}

/** @returns {Promise<string>} an armored detached signature over `bytes` */
export async function signDetached(bytes, signingKey) {
  const date = sealingDate([signingKey]);
  return openpgp.sign({
    message: await openpgp.createMessage({ binary: bytes, date }),
    signingKeys: signingKey,
    detached: true,
    format: 'armored',
    date,
    config: CONFIG,
  });
}

async function readMessage(data) {
  return typeof data === 'string'
    ? openpgp.readMessage({ armoredMessage: data, config: CONFIG })
    : openpgp.readMessage({ binaryMessage: data, config: CONFIG });
}

/** Decrypts without judging a signature: only for bytes that a signed manifest pins by hash. */
export async function decryptPinned(data, mailboxKey) {
  const { data: plain } = await openpgp.decrypt({
    message: await readMessage(data),
    decryptionKeys: mailboxKey,
    format: 'binary',
    config: CONFIG,
  });
  return plain;
}

/**
 * Decrypts a message and names the key that signed it.
 * @param {string|Uint8Array} data armored or binary
 * @param {openpgp.Key[]} authors keys whose signature counts
 * @returns {Promise<{plain: Uint8Array, signer: openpgp.Key}>}
 * @throws {Refusal} `unreadable`, or `signature` if none of `authors` signed
 */
export async function decryptSigned(data, mailboxKey, authors) {
  let opened;
  try {
    opened = await openpgp.decrypt({
      message: await readMessage(data),
      decryptionKeys: mailboxKey,
      verificationKeys: authors,
      format: 'binary',
      date: lenientNow(),
      config: CONFIG,
    });
  } catch (cause) {
    throw new Refusal('unreadable', cause);
  }
  let reason = new Error('not signed');
  for (const signature of opened.signatures) {
    try {
      if ((await signature.verified) !== true) continue;
      const signer = authors.find((key) => key.getKeys(signature.keyID).length > 0);
      if (signer) return { plain: opened.data, signer };
    } catch (cause) {
      reason = cause;
    }
  }
  throw new Refusal('signature', reason);
}

/** Now, or where this clock is behind, the time at which the youngest of the keys was made. */
function sealingDate(keys) {
  const made = keys.flatMap((key) => key.getKeys()).map((key) => key.getCreationTime().getTime());
  return new Date(Math.max(Date.now(), ...made));
}

/**
 * Signs and encrypts to exactly these keys.
 * @param {Uint8Array} bytes
 * @param {'armored'|'binary'} format
 */
export async function sealSigned(bytes, recipients, signingKey, format) {
  try {
    const date = sealingDate([...recipients, signingKey]);
    return await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: bytes, date }),
      encryptionKeys: recipients,
      signingKeys: signingKey,
      format,
      date,
      config: CONFIG,
    });
  } catch (cause) {
    throw new Refusal('no-recipient-key', cause);
  }
}

/** Decrypted JSON; anything else is refused by the caller's code. */
export function parseJson(bytes, code) {
  try {
    const value = JSON.parse(fromUtf8(bytes));
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      throw new Error('not an object');
    return value;
  } catch (cause) {
    throw new Refusal(code, cause);
  }
}
