// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sends what was written: seals it in the vault, uploads it, hands it over. Knows only the message that it was
// given, so that whatever the customer opens meanwhile stays out of it. Shows nothing but by `show`.

import { app, assertSameSession, guarded, stillThere } from '../app.mjs';
import { ApiError, change, upload } from '../api.mjs';
import { Autosave, deleteDraft } from '../drafts.mjs';
import { t } from '../i18n.mjs';
import { uuidv7 } from '../lib/bytes.mjs';
import { readFiles, sentNames } from './compose-files.mjs';
import { openMessage } from './message.mjs';

/**
 * @param {object} writing {draft, autosave, files, sealed, stop}; `sealed` is kept for a second try, which goes on
 *   where the first one ended
 * @param {(sentence: string, final?: boolean) => void} show `final`: it cannot be stopped any more
 */
export async function send(writing, show) {
  await seal(writing, show);
  await guarded(assertSameSession);
  await guarded(() => deliver(writing, show));
  await writing.autosave.end();
  await deleteDraft(writing.draft.id).catch(() => {});
}

async function seal(writing, show) {
  if (writing.sealed) return;
  show(t('send.sealing'));
  const attachments = await readFiles(writing.files);
  const sealed = await app.vault.call('seal', { mail: { ...writing.draft, attachments } });
  writing.sealed = { ...sealed, place: { location: null }, upload: null };
}

/** What the customer waits for is no idleness: the lock would end the sending and take the files with it. */
function showShare(share, show) {
  if (share !== null) stillThere();
  show(share === null ? t('send.waiting') : t('send.share', { percent: Math.floor(share * 100) }));
}

async function deliver(writing, show) {
  const { draft, sealed, stop } = writing;
  if (stop.signal.aborted) throw new ApiError('cancelled');
  const share = (s) => showShare(s, show);
  sealed.upload ??= await upload(sealed.blob, sealed.place, share, stop.signal);
  if (stop.signal.aborted) throw new ApiError('cancelled');
  // From here on it may have arrived, whatever happens: no promise to stop it.
  show(t('send.share', { percent: 100 }), true);
  const body = {
    to: draft.to,
    manifest: sealed.manifest,
    in_reply_to: draft.inReplyTo,
    references: draft.references,
    blobs: [{ upload: sealed.upload, size: sealed.blob.length, sha256: sealed.sha256 }],
  };
  try {
    await change('PUT', `/p/v1/messages/${draft.id}`, body);
  } catch (error) {
    if (['not-found', 'upload-incomplete'].includes(error.code)) forgetUpload(sealed);
    if (!(error instanceof ApiError) || error.code !== 'conflict') throw error;
    if (!(await arrivedBefore(writing))) await deliverAnew(writing, show);
  }
}

/** It has lain there for too long: the next try brings it anew. */
function forgetUpload(sealed) {
  sealed.place.location = null;
  sealed.upload = null;
}

/**
 * The same id with another body: an earlier try has arrived after all, and its answer was lost. Was it
 * this message, or has it been changed since? The sent folder knows.
 */
async function arrivedBefore({ draft, files }) {
  const { item, body } = await openMessage(draft.id);
  if (item.refused) return false;
  const plain = (text) => text.replace(/\r\n?/g, '\n').trimEnd();
  return (
    item.subject === draft.subject.trim() &&
    plain(body.text) === plain(draft.text) &&
    body.attachments.map((file) => file.name).join('\n') === sentNames(files).join('\n')
  );
}

/** What was changed after a try that arrived is another message, and goes out as one. */
async function deliverAnew(writing, show) {
  const { draft, autosave } = writing;
  await autosave.end();
  await deleteDraft(draft.id);
  draft.id = uuidv7();
  writing.sealed = null;
  // Should this try fail, what is written after it is saved like everything before.
  writing.autosave = new Autosave(draft, autosave.tell);
  await seal(writing, show);
  await deliver(writing, show);
}
