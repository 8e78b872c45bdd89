// SPDX-License-Identifier: GPL-3.0-or-later
//
// The vault: a worker that holds every secret. Costly work (Argon2id, OpenPGP) happens here, so that the
// page never stalls; and script in the page, even injected script, finds no key to take: the list of calls
// below is all there is. Locking is ending this worker, which frees its memory.

import { Refusal } from '../lib/refusal.mjs';
import { canonicalPassword } from '../lib/text.mjs';
import { Archive, mailFileName } from './archive.mjs';
import { Mailbox } from './mailbox.mjs';
import { finishLogin, startLogin } from './opaque.mjs';
import { Recovery } from './recovery.mjs';
import { Registration } from './registration.mjs';
import { selfTest } from './self-test.mjs';

let registration = null;
let login = null; // {password, state, kek}
let mailbox = null;
let recovery = null;
let credentials = null; // what is being changed, of the mailbox or the recovery
let archive = null;

function opened() {
  if (!mailbox) throw new Error('the mailbox is locked');
  return mailbox;
}

const calls = {
  selfTest: () => selfTest(),
  async openCode(given) {
    registration = null;
    const next = new Registration();
    const answer = await next.openCode(given);
    registration = next;
    return answer;
  },
  startRegistration: (given) => registration.start(given),
  async finishRegistration(responses, progress) {
    const body = await registration.finish(responses, progress);
    registration = null;
    return body;
  },
  async startLogin({ password }) {
    const typed = canonicalPassword(password);
    const { state, request } = await startLogin(typed);
    login = { password: typed, state, kek: null };
    return request;
  },
  async finishLogin({ response }) {
    const done = await finishLogin(login.state, response, login.password);
    login = done ? { kek: done.kek } : null;
    return done ? done.finish : null;
  },
  async openMailbox({ answer, portal, seen }) {
    const { kek } = login;
    login = null;
    mailbox = await Mailbox.open(answer, kek, portal, seen);
    kek.fill(0);
    return mailbox.describe();
  },
  /** The password once more, for what a stranger at an unlocked screen must not do. */
  async confirmLogin({ answer }) {
    const { kek } = login;
    login = null;
    await opened().confirm(answer, kek);
    kek.fill(0);
  },
  beginRecovery({ opened: answer }) {
    recovery = new Recovery(answer);
    credentials = null;
  },
  recoverAnswer: (given) => recovery.startAnswer(given),
  recoverAnswerFinish: (given) => recovery.finishAnswer(given),
  recoverCode: (given) => recovery.startCode(given),
  openRecovery: (given) => recovery.open(given),
  endRecovery() {
    recovery = null;
    credentials = null;
  },
  startCredentials({ of, ...given }) {
    credentials = of === 'recovery' ? recovery.credentials() : opened().credentials();
    return credentials.start(given);
  },
  async finishCredentials(responses, progress) {
    const body = await credentials.finish(responses, progress);
    credentials = null;
    return body;
  },
  makeRecoveryCode: () => opened().credentials().makeRecoveryCode(),
  inspectKey: ({ data }) => opened().inspectKey(data),
  depositKey: ({ data }) => opened().depositKey(data),
  confirmKey: ({ entry }) => opened().confirmKey(entry),
  describeKeys: ({ keys }) => opened().describeKeys(keys),
  officeKey: () => opened().officeKey(),
  beginArchive() {
    archive = new Archive();
  },
  async archiveMessage({ id, folder, subject, date, bytes, files }) {
    const mail = await opened().toEml(id, bytes, files);
    return { bytes: archive.add(`${folder}/`, mailFileName(date, subject), date, mail) };
  },
  endArchive({ name, note }) {
    const bytes = archive.end(name, note);
    archive = null;
    return { bytes };
  },
  openItems: ({ items }) => Promise.all(items.map((item) => opened().openItem(item))),
  readBody: ({ id, bytes }) => opened().readBody(id, bytes),
  keptBody: ({ id }) => opened().keptBody(id),
  /** A Blob: it reaches the page without a copy, which would stall the page for a large file. */
  async readAttachment({ id, index, bytes }) {
    const { name, bytes: content } = await opened().readAttachment(id, index, bytes);
    return { name, bytes: new Blob([content], { type: 'application/octet-stream' }) };
  },
  seal: ({ mail }) => opened().seal(mail),
  sealDraft: ({ draft }) => opened().sealDraft(draft),
  openDraft: ({ id, wrap }) => opened().openDraft(id, wrap),
};

self.onmessage = async ({ data: { call, name, args } }) => {
  const progress = (step) => self.postMessage({ call, progress: step });
  try {
    if (!Object.hasOwn(calls, name)) throw new Error('no such call');
    const result = await calls[name](args, progress);
    const transfer = result?.bytes instanceof Uint8Array ? [result.bytes.buffer] : [];
    self.postMessage({ call, result }, transfer);
  } catch (error) {
    // Only a code leaves: a library's message may quote what it was working on.
    self.postMessage({ call, refused: error instanceof Refusal ? error.code : 'internal' });
  }
};
