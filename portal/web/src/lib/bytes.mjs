// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bytes and their spellings. Owns no key and decides nothing; every decoder refuses what it does not
// know instead of guessing, because these strings come from a server that may be hostile.

const encoder = new TextEncoder();

/** @returns {Uint8Array} the UTF-8 bytes of a string */
export function utf8(text) {
  return encoder.encode(text);
}

/** Decodes UTF-8; throws a TypeError where the bytes are none. */
export function fromUtf8(bytes) {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** @returns {Uint8Array} the parts one after the other */
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** @returns {string} lower case hex */
export function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export function unhex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error('not hex');
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Standard base64 with padding, for MIME and tus; chunks keep the argument list short. */
export function base64(bytes) {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += 0x6000)
    chunks.push(btoa(String.fromCharCode.apply(null, bytes.subarray(at, at + 0x6000))));
  return chunks.join('');
}

/** @returns {string} base64url without padding (RFC 4648 section 5) */
export function b64u(bytes) {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function unb64u(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1)
    throw new Error('not base64url');
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export async function sha256Hex(bytes) {
  return hex(await sha256(bytes));
}

export async function hmacSha256(key, bytes) {
  const k = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await crypto.subtle.sign('HMAC', k, bytes));
}

/** HKDF-SHA512 with the empty salt (RFC 5869); `info` is ASCII, `length` in bytes. */
export async function hkdfSha512(ikm, info, length) {
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, length * 8));
}

/** @returns {string} a UUIDv7 (RFC 9562) in lower case; `now` in milliseconds since 1970 */
export function uuidv7(now = Date.now()) {
  const b = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) b[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  b[6] = 0x70 | (b[6] & 0x0f);
  b[8] = 0x80 | (b[8] & 0x3f);
  const h = hex(b);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
