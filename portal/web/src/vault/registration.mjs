// SPDX-License-Identifier: GPL-3.0-or-later
//
// One registration from the code to the records. Makes RK and CS; never sends the code, the password,
// the answer or a key. Steps come in order: openCode, start, finish.

import { b64u, unb64u } from '../lib/bytes.mjs';
import { deriveCodeKeys, judgeCode, signatureMac } from '../lib/code.mjs';
import { generateSignatureKey, parseJson, readPrivate } from '../lib/pgp.mjs';
import { Refusal } from '../lib/refusal.mjs';
import { openRoster } from '../lib/roster.mjs';
import { canonicalAnswer, canonicalPassword } from '../lib/text.mjs';
import { openWrap, padJson, sealWrap } from '../lib/wrap.mjs';
import { finishRegistration, startRegistration } from './opaque.mjs';

async function openCodeWrap(keys, opened) {
  try {
    return await openWrap(
      keys.kek,
      'code',
      opened.handle,
      opened.generation,
      unb64u(opened.code_wrap),
    );
  } catch (cause) {
    throw new Refusal('wrong-code', cause);
  }
}

export class Registration {
  #keys; // the three keys of the code
  #box; // the content of the code wrap, checked
  #password;
  #answer;

  /**
   * Opens the code wrap: the only proof that the code is right, found without telling the server anything.
   * @param {{digits: string, opened: object, portal: string, seen: object}} given
   *   `opened`: the answer of register/open, not trusted
   * @returns {Promise<{address: string, auth: string, version: number}>}
   */
  async openCode({ digits, opened, portal, seen }) {
    if (judgeCode(digits) !== 'plausible') throw new Refusal('wrong-code');
    const keys = await deriveCodeKeys(digits, unb64u(opened.salt));
    const box = parseJson(await openCodeWrap(keys, opened), 'wrong-mailbox');
    if (box.v !== 1 || box.handle !== opened.handle || box.generation !== opened.generation)
      throw new Refusal('wrong-mailbox');
    // The office wrote the portal's address into the wrap: a look-alike page on another host ends here.
    if (box.portal !== portal) throw new Refusal('wrong-portal');
    const roster = await openRoster({
      pinned: box.office,
      portal,
      officeKey: opened.office_key,
      roster: opened.roster,
      seen,
    });
    await readPrivate(box.mailbox_key);
    this.#keys = keys;
    this.#box = box;
    return {
      address: box.address,
      auth: b64u(keys.auth),
      version: roster.version,
      office: box.office,
      // After a reset the office names the customer's keys of before: this is no first time.
      again: Array.isArray(box.former_signature_keys) && box.former_signature_keys.length > 0,
    };
  }

  /** @returns {Promise<object>} the fields of register/start */
  async start({ password, answer }) {
    const typed = { password: canonicalPassword(password), answer: canonicalAnswer(answer) };
    const [first, second] = await Promise.all([
      startRegistration(typed.password),
      startRegistration(typed.answer),
    ]);
    this.#password = { typed: typed.password, state: first.state };
    this.#answer = { typed: typed.answer, state: second.state };
    return { ...this.#identity(), password_request: first.request, answer_request: second.request };
  }

  /**
   * @param {{password_response, answer_response}} responses of register/start
   * @param {(step: 'password'|'answer'|'keys') => void} progress
   * @returns {Promise<object>} the fields of register/finish, but for question and language
   */
  async finish(responses, progress) {
    progress('password');
    const password = await finishRegistration(
      this.#password.state,
      responses.password_response,
      this.#password.typed,
    );
    progress('answer');
    const answer = await finishRegistration(
      this.#answer.state,
      responses.answer_response,
      this.#answer.typed,
    );
    progress('keys');
    const rk = crypto.getRandomValues(new Uint8Array(32));
    const cs = await generateSignatureKey(this.#box.address);
    const publicKey = cs.toPublic().write();
    const content = padJson({ ...this.#box, signature_key: cs.armor() });
    const { handle, generation } = this.#box;
    const wrap = async (key, kind, plain) =>
      b64u(await sealWrap(key, kind, handle, generation, plain));
    const body = {
      ...this.#identity(),
      password_record: password.record,
      answer_record: answer.record,
      password_wrap: await wrap(password.kek, 'password', rk),
      answer_wrap: await wrap(answer.kek, 'answer', rk),
      mailbox_wrap: await wrap(rk, 'mailbox', content),
      signature_key: b64u(publicKey),
      signature_mac: b64u(await signatureMac(this.#keys.mac, handle, generation, publicKey)),
    };
    rk.fill(0);
    content.fill(0);
    return body;
  }

  #identity() {
    return {
      handle: this.#box.handle,
      generation: this.#box.generation,
      auth: b64u(this.#keys.auth),
    };
  }
}
