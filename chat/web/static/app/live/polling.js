// The long poll, one after the other, until it is stopped or fails.

import { call } from "../core/api.js";
import { POLL_LATE, POLL_SECONDS } from "./settings.js";

export class Polling {
  #stopped = new AbortController();

  /** @param {{path: (wait: number) => string, answer: (answer: object) => void, failed: (problem: Problem) => void}} on */
  constructor(on) {
    this.#run(on);
  }

  stop() {
    this.#stopped.abort();
  }

  /** The first does not wait: nobody waits for what a stream has swallowed. */
  async #run(on) {
    try {
      for (let wait = 0; !this.#stopped.signal.aborted; wait = POLL_SECONDS) {
        const answer = await poll(on.path(wait), this.#stopped.signal);
        if (!this.#stopped.signal.aborted) on.answer(answer);
      }
    } catch (problem) {
      if (!this.#stopped.signal.aborted) on.failed(problem);
    }
  }
}

/** One poll. Its answer is given up when it is far too late; then the Problem is the same as without a network. */
async function poll(path, stopped) {
  const late = AbortSignal.timeout(POLL_LATE);
  const either = new AbortController();
  const stop = (event) => either.abort(event.target.reason);
  for (const signal of [stopped, late]) signal.addEventListener("abort", stop, { once: true });
  try {
    return await call("GET", path, undefined, { signal: either.signal });
  } finally {
    stopped.removeEventListener("abort", stop);
  }
}
