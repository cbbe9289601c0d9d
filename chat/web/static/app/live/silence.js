// A browser may suspend the leading tab and leave it its lock. Who has not heard of it for long asks; where nobody answers, nobody leads.

import { MUTE } from "./settings.js";
import { Timer } from "./timer.js";

const ANSWER_MS = 1500; // and up to as much again, so that of many tabs one is the first, and the others hear of it
const ASKS = 2; // the first time for an answer may have passed while this very tab slept

export class Silence {
  #on;
  #asked = 0;
  #timer = new Timer(() => this.#due());

  /** @param {{ask: () => void, nobody: () => void}} on */
  constructor(on) {
    this.#on = on;
  }

  /** Of the leading tab. */
  heard() {
    this.#asked = 0;
    this.#timer.start(MUTE);
  }

  /** Asks at once. */
  doubt() {
    if (!this.#asked) this.#ask();
  }

  end() {
    this.#asked = 0;
    this.#timer.clear();
  }

  #due() {
    if (this.#asked < ASKS) return this.#ask();
    this.heard(); // until the next time, if what is done about it comes to nothing
    return this.#on.nobody();
  }

  /** A tab that is out of sight lets others go first: it may be suspended next. */
  #ask() {
    this.#asked += 1;
    this.#timer.start((ANSWER_MS + Math.random() * ANSWER_MS) * (document.hidden ? 2 : 1));
    this.#on.ask();
  }
}
