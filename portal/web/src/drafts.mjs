// SPDX-License-Identifier: GPL-3.0-or-later
//
// Drafts: sealed in the vault under RK, kept by the server, which cannot read them. Owns the autosaving of
// the one draft being written. Nothing of a draft is ever stored in clear, in the browser or elsewhere.

import { app, assertSameSession } from './app.mjs';
import { change, get } from './api.mjs';

const PAUSE = 1500; // milliseconds after the last key
const AGAIN = 20_000; // milliseconds after a failure

/** @returns {Promise<Array<{id, changed, subject}>>} those that open; another's or a damaged one is left out */
export async function listDrafts() {
  const { drafts } = await get('/p/v1/drafts');
  const opened = await Promise.all(
    drafts.map(async ({ id, changed, wrap }) => {
      try {
        const { subject } = await app.vault.call('openDraft', { id, wrap });
        return { id, changed, subject };
      } catch {
        return null;
      }
    }),
  );
  return opened.filter(Boolean).sort((a, b) => b.changed - a.changed);
}

export async function loadDraft(id) {
  const { wrap } = await get(`/p/v1/drafts/${encodeURIComponent(id)}`);
  return app.vault.call('openDraft', { id, wrap });
}

export async function deleteDraft(id) {
  if (app.kept?.id === id) app.kept = null;
  await change('DELETE', `/p/v1/drafts/${id}`);
}

export class Autosave {
  #draft;
  #timer = null;
  #dirty = false;
  #saving = false;
  #running = Promise.resolve();
  #ended = false;

  /**
   * @param {object} draft changed in place by the page
   * @param {(state: 'saving'|'saved'|'failed') => void} tell
   */
  constructor(draft, tell) {
    this.#draft = draft;
    this.tell = tell;
  }

  /** Whether there are words that only this page has. */
  isUnsaved() {
    return !this.#ended && (this.#dirty || this.#saving);
  }

  /** To be called after each change. */
  touch() {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE);
  }

  /**
   * Seals and hands over what has changed; resolves when nothing is left to do. If the server cannot be
   * reached the sealed draft stays in app.kept, so that a lock right now loses nothing.
   */
  flush() {
    clearTimeout(this.#timer);
    this.#running = this.#running.then(() => this.#save());
    return this.#running;
  }

  /** Writes nothing from now on; waits for a write under way, so that it cannot undo a deletion. */
  async end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #save() {
    if (!this.#dirty || this.#ended) return;
    this.#dirty = false;
    this.#saving = true;
    this.tell('saving');
    const { id } = this.#draft;
    try {
      const wrap = await app.vault.call('sealDraft', { draft: { ...this.#draft } });
      app.kept = { id, wrap, handle: app.box?.handle };
      await assertSameSession();
      await change('PUT', `/p/v1/drafts/${id}`, { wrap });
      if (app.kept?.wrap === wrap) app.kept = null;
      this.tell('saved');
    } catch {
      this.#dirty = true;
      this.tell('failed');
      this.#timer = setTimeout(() => this.flush(), AGAIN);
    } finally {
      this.#saving = false;
    }
  }
}
