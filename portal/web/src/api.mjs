// SPDX-License-Identifier: GPL-3.0-or-later
//
// The requests to the portal's server. Everything that changes something carries X-Siegelpost, which no
// foreign page can send without being asked first (CORS); the server refuses the rest. Holds no key and
// believes nothing: answers are judged in the vault.

import { base64, sha256 } from './lib/bytes.mjs';

export class ApiError extends Error {
  /** @param {string} code of PROTOCOL.md, or `offline`; @param {number|null} retryAfter in seconds */
  constructor(code, status = 0, retryAfter = null) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function problem(response) {
  let code = 'internal';
  try {
    code = String((await response.json()).code);
  } catch {
    // No problem document: a proxy in between answered. "internal" is the right thing to say.
  }
  const retry = Number(response.headers.get('Retry-After'));
  return new ApiError(code, response.status, Number.isFinite(retry) && retry > 0 ? retry : null);
}

async function send(method, path, { headers = {}, body = null } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch {
    throw new ApiError('offline');
  }
  if (!response.ok) throw await problem(response);
  return response;
}

const CHANGE = { 'X-Siegelpost': '1', 'Content-Type': 'application/json' };

export async function get(path) {
  return (await send('GET', path)).json();
}

/** @returns {Promise<object|null>} null for 204 */
export async function change(method, path, body = {}) {
  const response = await send(method, path, { headers: CHANGE, body: JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** The bytes of one blob; `progress` gets a share between 0 and 1. */
export async function getBlob(messageId, n, size, progress = () => {}) {
  const response = await send('GET', `/p/v1/messages/${messageId}/blobs/${n}`);
  const reader = response.body.getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ApiError('offline');
    });
    if (done) break;
    parts.push(value);
    length += value.length;
    if (size > 0) progress(Math.min(1, length / size));
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const TUS = { 'X-Siegelpost': '1', 'Tus-Resumable': '1.0.0' };
const CHUNK = 4 * 1024 * 1024;
const TRIES = 5;

async function offsetOf(location) {
  const response = await send('HEAD', location, { headers: TUS });
  const offset = Number(response.headers.get('Upload-Offset'));
  if (!Number.isSafeInteger(offset) || offset < 0) throw new ApiError('internal');
  return offset;
}

async function patch(location, offset, chunk) {
  const headers = {
    ...TUS,
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    'Upload-Checksum': `sha256 ${base64(await sha256(chunk))}`,
  };
  await send('PATCH', location, { headers, body: chunk });
}

/**
 * Resumable upload (tus 1.0.0). After an interruption the server is asked how much it has, because only
 * the server knows; nothing is remembered.
 * @returns {Promise<string>} the id of the finished upload
 */
export async function upload(bytes, progress = () => {}) {
  const created = await send('POST', '/p/v1/uploads', {
    headers: { ...TUS, ...CHANGE, 'Upload-Length': String(bytes.length) },
  });
  const location = new URL(created.headers.get('Location'), window.location.href).pathname;
  let offset = 0;
  let tries = 0;
  while (offset < bytes.length) {
    const chunk = bytes.subarray(offset, offset + CHUNK);
    try {
      await patch(location, offset, chunk);
      offset += chunk.length;
      tries = 0;
    } catch (error) {
      const passing =
        error.code === 'offline' ||
        error.code === 'offset-mismatch' ||
        error.code === 'checksum-mismatch' ||
        error.code === 'busy';
      if (!passing || ++tries > TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries * (0.5 + Math.random())));
      offset = await offsetOf(location);
    }
    progress(offset / bytes.length);
  }
  return location.split('/').pop();
}
