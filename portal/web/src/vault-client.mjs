// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loads workers and talks to the vault. Workers have no `integrity` attribute, so the script is fetched
// with one and started from the bytes that were checked: a flipped byte in transit or on the server's disk
// does not run (test: "a changed vault does not start").

import { Refusal, REFUSALS } from './lib/refusal.mjs';
import { policy } from './trusted.mjs';

/** @param {{url: string, integrity: string}} file as the build wrote it */
export async function loadWorker(file) {
  let bytes;
  try {
    const response = await fetch(file.url, { integrity: file.integrity, credentials: 'omit' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    bytes = await response.arrayBuffer();
  } catch (cause) {
    throw new Error('load-failed', { cause });
  }
  const address = URL.createObjectURL(new Blob([bytes], { type: 'text/javascript' }));
  return new Worker(policy.createScriptURL(address));
}

export class Vault {
  #worker = null; // a promise of the worker, or null while there is none
  #calls = new Map();
  #next = 1;

  /** Starts to load the vault; pages call this early so that nobody waits later. */
  start() {
    this.#worker ??= loadWorker(__VAULT__).then((worker) => {
      worker.onmessage = ({ data }) => this.#answer(data);
      worker.onerror = () => this.#fail();
      return worker;
    });
    this.#worker.catch(() => {
      this.#worker = null;
    });
    return this.#worker;
  }

  /**
   * Blobs (`bytes`, `files`) are handed over, not copied: the page has no further use for ciphertext.
   * @param {(step: string) => void} progress
   */
  async call(name, args = {}, progress = () => {}) {
    const worker = await this.start();
    const call = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject, progress });
      const blobs = [args.bytes, ...(args.files ?? [])].filter((b) => b instanceof Uint8Array);
      worker.postMessage({ call, name, args }, [...new Set(blobs.map((b) => b.buffer))]);
    });
  }

  /** Ends the worker and with it every key. */
  lock() {
    this.#worker?.then(
      (worker) => worker.terminate(),
      () => {},
    );
    this.#fail();
  }

  #answer({ call, result, refused, progress }) {
    const waiting = this.#calls.get(call);
    if (!waiting) return;
    if (progress !== undefined) {
      waiting.progress(progress);
      return;
    }
    this.#calls.delete(call);
    if (refused === undefined) waiting.resolve(result);
    else waiting.reject(REFUSALS.includes(refused) ? new Refusal(refused) : new Error('internal'));
  }

  #fail() {
    this.#worker = null;
    for (const { reject } of this.#calls.values()) reject(new Error('locked'));
    this.#calls.clear();
  }
}
