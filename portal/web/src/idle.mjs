// SPDX-License-Identifier: GPL-3.0-or-later
//
// Counts idle time by the clock, not by timers: a laptop that slept for an hour was idle for an hour.
// Decides when to warn and when to lock; does neither itself.

const WARNING = 60_000;
const KEEP = 4 * 60_000;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'input'];

export class IdleClock {
  #last = 0;
  #kept = 0;
  #limit = 0;
  #timer = null;
  #actions;
  #touch = () => this.touch();

  /**
   * @param {{warn: (seconds: number|null) => void, lock: () => void, active: () => void}} actions
   *   `active`: called now and then while somebody is there, so that the server does not end the session of a reader
   */
  constructor(actions) {
    this.#actions = actions;
  }

  /** @param {number} limit in milliseconds */
  start(limit) {
    this.stop();
    this.#limit = limit;
    this.#last = Date.now();
    this.#kept = this.#last;
    for (const sign of SIGNS)
      document.addEventListener(sign, this.#touch, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.#look);
    this.#timer = setInterval(this.#look, 5000);
  }

  stop() {
    clearInterval(this.#timer);
    for (const sign of SIGNS) document.removeEventListener(sign, this.#touch, { capture: true });
    document.removeEventListener('visibilitychange', this.#look);
    this.#actions.warn(null);
  }

  touch() {
    this.#last = Date.now();
    this.#actions.warn(null);
    if (this.#last - this.#kept < KEEP) return;
    this.#kept = this.#last;
    this.#actions.active();
  }

  #look = () => {
    const idle = Date.now() - this.#last;
    if (idle >= this.#limit) this.#actions.lock();
    else if (idle >= this.#limit - WARNING)
      this.#actions.warn(Math.round((this.#limit - idle) / 1000));
  };
}
