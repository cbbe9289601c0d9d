// Notices a leading tab that does not answer: a browser may suspend it, and it keeps its lock. A tab that has received
// nothing from the leader for a while asks for a sign of life; without an answer nobody leads.

import { Timer } from "../core/timer.js";
import { SILENCE_MS } from "./timeouts.js";

// And up to as much again at random, so that one of many tabs asks first, and the others see the answer.
const ANSWER_MS = 1500;
const QUESTIONS = 2; // the time for the first answer may have passed while this tab itself slept

export class LeaderWatchdog {
  #handlers;
  #asked = 0;
  #timer = new Timer(() => this.#onTimeout());

  /** @param {{ask: () => void, onLost: () => void}} handlers ask: asks the leader for a sign of life */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** The leader has given a sign of life. */
  reset() {
    this.#asked = 0;
    this.#timer.start(SILENCE_MS);
  }

  /** Asks at once. */
  check() {
    if (!this.#asked) this.#ask();
  }

  stop() {
    this.#asked = 0;
    this.#timer.clear();
  }

  #onTimeout() {
    if (this.#asked < QUESTIONS) return this.#ask();
    this.reset(); // asks again later, if taking the leadership comes to nothing
    return this.#handlers.onLost();
  }

  /** A hidden tab lets others go first, because it may be suspended next. */
  #ask() {
    this.#asked += 1;
    this.#timer.start((ANSWER_MS + Math.random() * ANSWER_MS) * (document.hidden ? 2 : 1));
    this.#handlers.ask();
  }
}
