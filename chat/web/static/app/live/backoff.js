// How long to wait before the next attempt: longer each time, and never the same for all who wait.

const FIRST_MS = 500;
const MOST_MS = 30_000;

export class Backoff {
  #failures = 0;

  /** ms; never less than what the service asked for (`retryAfter`, seconds). */
  next(retryAfter) {
    const longest = Math.min(MOST_MS, FIRST_MS * 2 ** ++this.#failures);
    const ms = longest / 2 + (Math.random() * longest) / 2;
    return retryAfter ? retryAfter * 1000 + Math.random() * FIRST_MS : ms;
  }

  reset() {
    this.#failures = 0;
  }
}
