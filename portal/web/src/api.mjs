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

// What a status says where no problem document does: the answer to HEAD has none, nor that of a proxy in between.
const BARE = {
  401: 'not-logged-in',
  404: 'not-found',
  413: 'too-large',
  429: 'too-many-tries',
  502: 'busy',
  503: 'busy',
  504: 'busy',
};

async function problem(response) {
  let code = BARE[response.status] ?? 'internal';
  try {
    code = String((await response.json()).code);
  } catch {
    // Then the status must do.
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
const SMALL = 128 * 1024;
const LARGE = 4 * 1024 * 1024;
const TRIES = 5;
const PASSING = ['offline', 'offset-mismatch', 'checksum-mismatch', 'busy'];

async function begin(bytes, signal) {
  const created = await send('POST', '/p/v1/uploads', {
    headers: { ...TUS, ...CHANGE, 'Upload-Length': String(bytes.length) },
    signal,
  });
  return new URL(created.headers.get('Location'), window.location.href).pathname;
}

async function offsetOf(location, signal) {
  const response = await send('HEAD', location, { headers: TUS, signal });
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

/** Waits, but not longer than until the network is back or the customer has had enough. */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener('online', end);
    signal?.addEventListener('abort', end);
  });
}

/** As much as the network takes in about a second: progress is seen, and little is lost with a connection. */
function nextSize(size, milliseconds) {
  if (milliseconds < 1000) return Math.min(LARGE, 2 * size);
  return milliseconds > 3000 ? Math.max(SMALL, size / 2) : size;
}

/**
 * Resumable upload (tus 1.0.0). After an interruption the server is asked how much it has, because only
 * the server knows.
 * @param {{location: string|null}} place where the upload is; filled in, so that a second try goes on there
 * @param {(share: number|null) => void} progress between 0 and 1; null while it waits for the network
 * @param {AbortSignal|null} signal aborted, it is the error `cancelled`
 * @returns {Promise<string>} the id of the finished upload
 */
export async function upload(bytes, place, progress = () => {}, signal = null) {
  let offset = null; // null: not known, the server is asked
  let size = SMALL;
  let tries = 0;
  while (offset === null || offset < bytes.length) {
    try {
      if (!place.location) {
        place.location = await begin(bytes, signal);
        offset = 0;
      }
      offset ??= await offsetOf(place.location, signal);
      progress(offset / bytes.length);
      if (offset >= bytes.length) break;
      const chunk = bytes.subarray(offset, offset + size);
      const started = performance.now();
      await patch(place.location, offset, chunk, signal);
      size = nextSize(size, performance.now() - started);
      offset += chunk.length;
      tries = 0;
    } catch (error) {
      // Where nothing was begun there is nothing to lose by saying so at once.
      if (!place.location) throw error;
      const gone = error.code === 'not-found'; // begun long ago: begun anew
      if ((!gone && !PASSING.includes(error.code)) || ++tries > TRIES) throw error;
      if (gone) place.location = null;
      offset = null;
      progress(null);
      await pause(500 * 2 ** tries, signal);
    }
  }
  progress(1);
  return place.location.split('/').pop();
}
