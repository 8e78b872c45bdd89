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

async function send(method, path, { headers = {}, body = null, signal = null } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal,
    });
  } catch {
    throw new ApiError(signal?.aborted ? 'cancelled' : 'offline');
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

const FIRST_GUESS = 1024 * 1024;
const LARGEST = 256 * 1024 * 1024; // what a blob's length may make us set aside, whoever names it

async function wholeBody(response, signal) {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new ApiError(signal?.aborted ? 'cancelled' : 'offline');
  }
}

/** The bytes of one blob; `progress` gets a share between 0 and 1. An aborted `signal` is the error `cancelled`. */
export async function getBlob(messageId, n, size, progress = null, signal = null) {
  const response = await send('GET', `/p/v1/messages/${messageId}/blobs/${n}`, { signal });
  if (!progress) return wholeBody(response, signal);
  const reader = response.body.getReader();
  const whole = size || Number(response.headers.get('Content-Length'));
  // Copied piece by piece as they come: all at once would stall the page for a large file. Whether the
  // length is what the server said does not matter here; what is not what the manifest says is refused.
  let out = new Uint8Array(whole > 0 && whole <= LARGEST ? whole : FIRST_GUESS);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ApiError(signal?.aborted ? 'cancelled' : 'offline');
    });
    if (done) return out.subarray(0, length);
    if (length + value.length > out.length) {
      const longer = new Uint8Array(2 * (length + value.length));
      longer.set(out.subarray(0, length));
      out = longer;
    }
    out.set(value, length);
    length += value.length;
    if (whole > 0) progress(Math.min(1, length / whole));
  }
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

async function patch(location, offset, chunk, signal) {
  const headers = {
    ...TUS,
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    'Upload-Checksum': `sha256 ${base64(await sha256(chunk))}`,
  };
  await send('PATCH', location, { headers, body: chunk, signal });
}

/**
 * Resumable upload (tus 1.0.0). After an interruption the server is asked how much it has, because only
 * the server knows; nothing is remembered.
 * @param {AbortSignal|null} signal aborted, it is the error `cancelled`
 * @returns {Promise<string>} the id of the finished upload
 */
export async function upload(bytes, progress = () => {}, signal = null) {
  const created = await send('POST', '/p/v1/uploads', {
    headers: { ...TUS, ...CHANGE, 'Upload-Length': String(bytes.length) },
  });
  const location = new URL(created.headers.get('Location'), window.location.href).pathname;
  let offset = 0;
  let tries = 0;
  while (offset < bytes.length) {
    const chunk = bytes.subarray(offset, offset + CHUNK);
    try {
      await patch(location, offset, chunk, signal);
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
