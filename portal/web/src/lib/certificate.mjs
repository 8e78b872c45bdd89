// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a certificate says of itself: names, addresses, validity, what it may be used for. Read with asn1js.
// Believes nothing: whether an authority stands behind it is for the agent to judge, not for this page.

import { fromBER } from 'asn1js';
import { base64 } from './bytes.mjs';

const EMAIL = '1.2.840.113549.1.9.1';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAME = '2.5.29.17';
const CONTEXT = 3; // idBlock.tagClass of [n]
const RFC822_NAME = 1;
const KEY_ENCIPHERMENT = 0x20; // bits of the first octet of keyUsage (RFC 5280, 4.2.1.3)
const KEY_AGREEMENT = 0x08;

function parse(bytes) {
  const copy = bytes.slice();
  const { offset, result } = fromBER(copy.buffer);
  if (offset !== copy.length) throw new Error('not DER, or something behind it');
  return result;
}

const children = (node) => {
  if (!Array.isArray(node?.valueBlock?.value)) throw new Error('not a sequence');
  return node.valueBlock.value;
};
const oid = (node) => node.valueBlock.toString();
const ascii = (view) => Array.from(view, (b) => String.fromCharCode(b)).join('');

function attributes(name, wanted) {
  return children(name)
    .flatMap(children)
    .map(children)
    .filter(([type]) => oid(type) === wanted)
    .map(([, value]) => String(value.valueBlock.value));
}

function extensionsOf(tbs) {
  const holder = children(tbs).find(
    (n) => n.idBlock.tagClass === CONTEXT && n.idBlock.tagNumber === 3,
  );
  if (!holder) return new Map();
  return new Map(
    children(children(holder)[0]).map((extension) => {
      const parts = children(extension);
      return [oid(parts[0]), parse(new Uint8Array(parts.at(-1).valueBlock.valueHexView))];
    }),
  );
}

function addressesOf(subject, extensions) {
  const names = extensions.has(ALTERNATIVE_NAME) ? children(extensions.get(ALTERNATIVE_NAME)) : [];
  return [
    ...names
      .filter((n) => n.idBlock.tagClass === CONTEXT && n.idBlock.tagNumber === RFC822_NAME)
      .map((n) => ascii(n.valueBlock.valueHexView)),
    ...attributes(subject, EMAIL),
  ];
}

/** Without the extension a certificate may be used for everything. */
function mayEncrypt(extensions) {
  if (!extensions.has(KEY_USAGE)) return true;
  const bits = extensions.get(KEY_USAGE).valueBlock.valueHexView[0] ?? 0;
  return (bits & (KEY_ENCIPHERMENT | KEY_AGREEMENT)) !== 0;
}

function isAuthority(extensions) {
  if (!extensions.has(BASIC_CONSTRAINTS)) return false;
  const [first] = children(extensions.get(BASIC_CONSTRAINTS));
  return first?.valueBlock?.value === true;
}

/**
 * @param {Uint8Array} der
 * @returns {{names: string[], addresses: string[], begins: number, expires: number, mayEncrypt: boolean, isAuthority: boolean}}
 *   times in seconds since 1970. Throws where this is no certificate.
 */
export function readCertificate(der) {
  const [tbs, , signature] = children(parse(der));
  if (!signature) throw new Error('no certificate');
  const fields = children(tbs).filter((n) => n.idBlock.tagClass !== CONTEXT);
  const [validity, subject] = fields.slice(3);
  const [begins, expires] = children(validity).map((time) => time.toDate().getTime() / 1000);
  if (!Number.isFinite(begins) || !Number.isFinite(expires)) throw new Error('no validity');
  const extensions = extensionsOf(tbs);
  return {
    names: attributes(subject, COMMON_NAME),
    addresses: addressesOf(subject, extensions),
    begins,
    expires,
    mayEncrypt: mayEncrypt(extensions),
    isAuthority: isAuthority(extensions),
  };
}

/** PKCS#12 and private keys begin with a version number where a certificate has a sequence. */
export function looksPrivate(der) {
  try {
    const [first] = children(parse(der));
    return first.idBlock.tagClass === 1 && first.idBlock.tagNumber === 2;
  } catch {
    return false;
  }
}

export function toPem(der) {
  return `-----BEGIN CERTIFICATE-----\n${base64(der).replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/** @returns {Uint8Array[]} the certificates in a PEM text, in their order */
export function fromPem(text) {
  const blocks = text.matchAll(
    /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g,
  );
  return Array.from(blocks, ([, inner]) =>
    Uint8Array.from(atob(inner.replace(/\s/g, '')), (c) => c.charCodeAt(0)),
  );
}
