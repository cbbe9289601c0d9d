// Long polling: one poll after the other, until it is stopped or fails.

import { call } from "../core/api.js";
import { POLL_SECONDS, POLL_TIMEOUT_MS } from "./timeouts.js";

/** @import {Problem} from "../core/api.js" */
/** @typedef {{events: any[], cursor: number}} PollResponse */

export class LongPoll {
  #stopped = new AbortController();

  /**
   * @param {{path: (wait: number) => string, onResponse: (response: PollResponse) => void, onFailed: (problem: Problem)
   *   => void}} handlers wait: in seconds
   */
  constructor(handlers) {
    this.#run(handlers);
  }

  stop() {
    this.#stopped.abort();
  }

  /** The first poll does not wait: events that a proxy held back are there already. */
  async #run({ path, onResponse, onFailed }) {
    const { signal } = this.#stopped;
    try {
      for (let wait = 0; !signal.aborted; wait = POLL_SECONDS) {
        const response = await poll(path(wait), signal);
        if (!signal.aborted) onResponse(response);
      }
    } catch (problem) {
      if (!signal.aborted) onFailed(problem);
    }
  }
}

/** A poll that takes far too long is aborted, with the same Problem as without a network. */
async function poll(path, stopped) {
  const timeout = AbortSignal.timeout(POLL_TIMEOUT_MS);
  const either = new AbortController();
  const abort = (event) => either.abort(event.target.reason);
  for (const signal of [stopped, timeout]) signal.addEventListener("abort", abort, { once: true });
  try {
    return await call("GET", path, undefined, { signal: either.signal });
  } finally {
    stopped.removeEventListener("abort", abort);
  }
}
