// SPDX-License-Identifier: GPL-3.0-or-later
//
// One episode of a forgotten password: from the mailed link over the answer or the printed code to RK. Opens
// RK to wrap it anew and for nothing else: no message is read with it. Nothing that the server says is
// believed: wraps, mailbox, office and roster are judged as at a login.

import { b64u, unb64u } from '../lib/bytes.mjs';
import { deriveRecoveryKeys, judgeCode } from '../lib/code.mjs';
import { Refusal } from '../lib/refusal.mjs';
import { canonicalAnswer } from '../lib/text.mjs';
import { Credentials } from './credentials.mjs';
import { openContent, openRoot } from './mailbox.mjs';
import { finishLogin, startLogin } from './opaque.mjs';

export class Recovery {
  #opened;
  #typed = null; // {answer, state}
  #kek = null;
  #kind = null; // 'answer' or 'recovery': which wrap the kek opens
  #rk = null;

  /** @param {{handle: string, generation: number, recovery_salt: string|null}} opened of recover/open, not trusted */
  constructor(opened) {
    this.#opened = opened;
  }

  async startAnswer({ answer }) {
    const typed = canonicalAnswer(answer);
    const { state, request } = await startLogin(typed);
    this.#typed = { answer: typed, state };
    return request;
  }

  /** @returns {Promise<string|null>} KE3, or null for a wrong answer */
  async finishAnswer({ response }) {
    const { answer, state } = this.#typed;
    const done = await finishLogin(state, response, answer);
    this.#typed = null;
    if (!done) return null;
    this.#kek = done.kek;
    this.#kind = 'answer';
    return done.finish;
  }

  /** @returns {Promise<string>} what shows the server that the code is known */
  async startCode({ digits }) {
    if (judgeCode(digits) !== 'plausible' || !this.#opened.recovery_salt)
      throw new Refusal('wrong-code');
    const { kek, auth } = await deriveRecoveryKeys(digits, unb64u(this.#opened.recovery_salt));
    this.#kek = kek;
    this.#kind = 'recovery';
    return b64u(auth);
  }

  /** @param {{answer: object, portal: string, seen: object}} given `answer`: of recover/finish or recover/code */
  async open({ answer, portal, seen }) {
    const { handle, generation } = this.#opened;
    if (answer.handle !== handle || answer.generation !== generation)
      throw new Refusal('wrong-mailbox');
    const rk = await openRoot(this.#kek, this.#kind, answer, answer.root_wrap);
    this.#kek.fill(0);
    this.#kek = null;
    const { content, roster } = await openContent(rk, answer, portal, seen);
    this.#rk = rk;
    return { address: content.address, office: content.office, version: roster.version };
  }

  credentials() {
    if (!this.#rk) throw new Error('nothing was opened');
    return new Credentials(this.#rk, this.#opened.handle, this.#opened.generation);
  }
}
