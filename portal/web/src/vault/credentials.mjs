// SPDX-License-Identifier: GPL-3.0-or-later
//
// New records and wraps around the same RK: another password, another answer, a recovery code. Whoever makes
// one of these has opened RK before; it is never given out, and nothing that was sealed changes.

import { b64u, sha256 } from '../lib/bytes.mjs';
import { deriveRecoveryKeys, makeCode } from '../lib/code.mjs';
import { canonicalAnswer, canonicalPassword } from '../lib/text.mjs';
import { sealWrap } from '../lib/wrap.mjs';
import { finishRegistration, startRegistration } from './opaque.mjs';

const CANONICAL = { password: canonicalPassword, answer: canonicalAnswer };

export class Credentials {
  #rk;
  #handle;
  #generation;
  #begun = {}; // kind → {typed, state}

  constructor(rk, handle, generation) {
    this.#rk = rk;
    this.#handle = handle;
    this.#generation = generation;
  }

  async #seal(key, kind) {
    return b64u(await sealWrap(key, kind, this.#handle, this.#generation, this.#rk));
  }

  /** @param {{password?: string, answer?: string}} given @returns {Promise<object>} the fields of credentials/start */
  async start(given) {
    const request = {};
    this.#begun = {};
    for (const kind of ['password', 'answer']) {
      if (given[kind] === undefined) continue;
      const typed = CANONICAL[kind](given[kind]);
      const { state, request: sent } = await startRegistration(typed);
      this.#begun[kind] = { typed, state };
      request[`${kind}_request`] = sent;
    }
    return request;
  }

  /** @returns {Promise<object>} records and wraps of credentials/finish */
  async finish(responses, progress) {
    const body = {};
    for (const [kind, { typed, state }] of Object.entries(this.#begun)) {
      progress(kind);
      const { record, kek } = await finishRegistration(state, responses[`${kind}_response`], typed);
      body[`${kind}_record`] = record;
      body[`${kind}_wrap`] = await this.#seal(kek, kind);
      kek.fill(0);
    }
    this.#begun = {};
    return body;
  }

  /** @returns {Promise<{digits: string, recovery: {salt, auth_hash, wrap}}>} the digits are shown once and sent nowhere */
  async makeRecoveryCode() {
    const digits = makeCode();
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const { kek, auth } = await deriveRecoveryKeys(digits, salt);
    const recovery = {
      salt: b64u(salt),
      auth_hash: b64u(await sha256(auth)),
      wrap: await this.#seal(kek, 'recovery'),
    };
    kek.fill(0);
    return { digits, recovery };
  }
}
