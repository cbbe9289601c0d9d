// Exponential backoff with jitter, so that many clients do not reconnect at once.

const FIRST_MS = 500;
const MOST_MS = 30_000;

export class Backoff {
  #failures = 0;

  /**
   * The pause before the next attempt in ms, never less than `retryAfter`.
   * @param {number|null} [retryAfter] seconds
   */
  next(retryAfter) {
    const longest = Math.min(MOST_MS, FIRST_MS * 2 ** ++this.#failures);
    const ms = longest / 2 + (Math.random() * longest) / 2;
    return retryAfter ? retryAfter * 1000 + Math.random() * FIRST_MS : ms;
  }

  reset() {
    this.#failures = 0;
  }
}
