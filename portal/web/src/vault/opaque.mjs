// SPDX-License-Identifier: GPL-3.0-or-later
//
// The browser's side of OPAQUE (RFC 9807) by @serenity-kit/opaque, with the parameters pinned. The
// password reaches this file and nothing beyond it; what leaves is a key.

import * as opaque from '@serenity-kit/opaque';
import { hkdfSha512, unb64u } from '../lib/bytes.mjs';

// Argon2id with 64 MiB: what a guess costs anybody who holds the portal's whole machine.
const keyStretching = { 'argon2id-custom': { iterations: 3, memory: 65536, parallelism: 1 } };

async function kekOf(exportKey) {
  const bytes = unb64u(exportKey);
  if (bytes.length !== 64) throw new Error('export key of another length');
  return hkdfSha512(bytes, 'sgp1 kek', 32);
}

/** @returns {Promise<{state: string, request: string}>} */
export async function startRegistration(password) {
  await opaque.ready;
  const { clientRegistrationState, registrationRequest } = opaque.client.startRegistration({
    password,
  });
  return { state: clientRegistrationState, request: registrationRequest };
}

/** @returns {Promise<{record: string, kek: Uint8Array}>} */
export async function finishRegistration(state, response, password) {
  await opaque.ready;
  const done = opaque.client.finishRegistration({
    clientRegistrationState: state,
    registrationResponse: response,
    password,
    keyStretching,
  });
  return { record: done.registrationRecord, kek: await kekOf(done.exportKey) };
}

export async function startLogin(password) {
  await opaque.ready;
  const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password });
  return { state: clientLoginState, request: startLoginRequest };
}

/** @returns {Promise<{finish: string, kek: Uint8Array}|null>} null for a wrong password or an unknown account */
export async function finishLogin(state, response, password) {
  await opaque.ready;
  const done = opaque.client.finishLogin({
    clientLoginState: state,
    loginResponse: response,
    password,
    keyStretching,
  });
  return done ? { finish: done.finishLoginRequest, kek: await kekOf(done.exportKey) } : null;
}
