// SPDX-License-Identifier: GPL-3.0-or-later
//
// A key or certificate that the customer wants us to use. Decides whether it is one, whether it is only the
// public part, and whether anybody could encrypt to it today; writes it anew without comments. Never trusts
// it: the agent judges for itself whom it belongs to.

import * as openpgp from 'openpgp';
import { concat, fromUtf8, hex, sha256, utf8 } from './bytes.mjs';
import { fromPem, looksPrivate, readCertificate, toPem } from './certificate.mjs';
import { CONFIG, fingerprint } from './pgp.mjs';
import { Refusal } from './refusal.mjs';
import { canonicalAddress, cleanLine } from './text.mjs';

export const MAX_KEY = 64 * 1024;
const MAX_FILE = 1024 * 1024; // what is read at all: a p12 or a key with pictures is refused by its kind, not its size

/** What CS signs: a server cannot deposit a key of its own, nor show one under another customer or kind. */
export function keyStatement(handle, generation, kind, key) {
  return concat(utf8(`sgp1 key\0${handle}\0${generation}\0${kind}\0`), utf8(key));
}

function describe(kind, key, address, { names, addresses, expires, fingerprint: print }) {
  const clean = [...new Set(addresses.map((a) => canonicalAddress(cleanLine(a, 254)) ?? ''))];
  return {
    kind,
    key,
    fingerprint: print,
    names: names
      .map((name) => cleanLine(name, 120))
      .filter(Boolean)
      .slice(0, 5),
    addresses: clean.filter(Boolean).slice(0, 5),
    mentions: clean.includes(address),
    expires,
  };
}

async function describeOpenpgp(key, address) {
  const ends = await key.getExpirationTime(undefined, CONFIG).catch(() => null);
  const users = key.users.map((user) => user.userID).filter(Boolean);
  return describe('openpgp', key.armor(CONFIG), address, {
    names: users.map((user) => user.userID),
    addresses: users.map((user) => /<([^<>]*)>\s*$/.exec(user.userID)?.[1] ?? user.userID),
    expires: ends instanceof Date ? Math.floor(ends.getTime() / 1000) : null,
    fingerprint: fingerprint(key),
  });
}

async function describeCertificate(der, address) {
  const read = readCertificate(der);
  return describe('smime', toPem(der), address, { ...read, fingerprint: hex(await sha256(der)) });
}

/** @param {'openpgp'|'smime'} kind of a key that is deposited already */
export async function describeKey(kind, key, address) {
  if (kind === 'smime') return describeCertificate(fromPem(key)[0], address);
  return describeOpenpgp(await openpgp.readKey({ armoredKey: key, config: CONFIG }), address);
}

async function inspectOpenpgp(given, address) {
  let keys;
  try {
    keys = await openpgp.readKeys({ ...given, config: CONFIG });
  } catch (cause) {
    throw new Refusal('key-none', cause);
  }
  if (keys.some((key) => key.isPrivate())) throw new Refusal('key-private');
  if (keys.length !== 1) throw new Refusal(keys.length === 0 ? 'key-none' : 'key-several');
  const [key] = keys;
  const found = await describeOpenpgp(key, address);
  if (found.expires !== null && found.expires * 1000 <= Date.now())
    throw new Refusal('key-expired');
  try {
    await key.getEncryptionKey(undefined, undefined, undefined, CONFIG);
  } catch (cause) {
    throw new Refusal('key-useless', cause);
  }
  return found;
}

/** Files often carry the authorities along: the one certificate that is none is meant. */
async function inspectCertificates(list, address) {
  let own;
  try {
    own = list.filter((der) => !readCertificate(der).isAuthority);
  } catch (cause) {
    throw new Refusal('key-none', cause);
  }
  if (own.length !== 1) throw new Refusal(own.length === 0 ? 'key-useless' : 'key-several');
  const read = readCertificate(own[0]);
  if (read.expires * 1000 <= Date.now()) throw new Refusal('key-expired');
  if (!read.mayEncrypt) throw new Refusal('key-useless');
  return describeCertificate(own[0], address);
}

function asText(bytes) {
  try {
    const text = fromUtf8(bytes);
    return text.includes('-----BEGIN ') ? text : null;
  } catch {
    return null;
  }
}

function inspectText(text, address) {
  // Private parts first: a file with both must not go away with the public one taken from it unseen.
  if (/-----BEGIN (?:PGP |RSA |EC |DSA |ENCRYPTED |OPENSSH )?PRIVATE KEY/.test(text))
    throw new Refusal('key-private');
  if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    const blocks = text.match(
      /-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?-----END PGP PUBLIC KEY BLOCK-----/g,
    );
    if (blocks?.length !== 1) throw new Refusal(blocks ? 'key-several' : 'key-none');
    return inspectOpenpgp({ armoredKeys: blocks[0] }, address);
  }
  const list = fromPem(text);
  if (list.length === 0) throw new Refusal('key-none');
  return inspectCertificates(list, address);
}

/**
 * Reads what was pasted or chosen as a file.
 * @param {string|Uint8Array} data
 * @param {string} address the customer's, canonical
 * @returns {Promise<{kind, key, fingerprint, names, addresses, mentions: boolean, expires: number|null}>}
 *   `key` is written anew: comments and whatever stood around it are gone. `expires` in seconds since 1970
 * @throws {Refusal} key-none, key-private, key-several, key-expired, key-useless, key-large
 */
export async function inspectKey(data, address) {
  const bytes = typeof data === 'string' ? utf8(data) : data;
  if (bytes.length > MAX_FILE) throw new Refusal('key-large');
  const text = asText(bytes);
  let found;
  if (text !== null) found = await inspectText(text, address);
  else if (bytes[0] === 0x30) {
    if (looksPrivate(bytes)) throw new Refusal('key-private');
    found = await inspectCertificates([bytes], address);
  } else if (bytes[0] >= 0x80) found = await inspectOpenpgp({ binaryKeys: bytes }, address);
  else throw new Refusal('key-none');
  if (utf8(found.key).length > MAX_KEY) throw new Refusal('key-large');
  return found;
}
