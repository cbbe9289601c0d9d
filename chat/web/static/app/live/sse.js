// One EventSource with a watchdog. It closes when the stream breaks, is refused, or is silent for longer than the
// heartbeat allows.

import { BASE } from "../core/api.js";
import { Timer } from "../core/timer.js";
import { OPENING_MS, SILENCE_MS } from "./timeouts.js";

/** Events without a place in the log: their frames carry no id. */
export const SIGNALS = new Set(["typing", "presence", "read"]);

const LOGGED = [
  "message", "file", "announcement", "edited", "deleted", "reacted", "unreacted",
  "join", "leave", "removed", "banned", "room_changed", "room_closed",
];
const CONTROL = ["heartbeat", "reset", "bye", "end"];

/** @typedef {"lost"|"refused"|"silent"} CloseReason */
/**
 * retry: in ms, as the service asked before it closed the stream.
 * @typedef {{onOpen?: () => void, onFrame: (kind: string, id: number, data: any) => void,
 *   onClose: (reason: CloseReason, retry: number|null) => void}} SseHandlers
 */

export class SseStream {
  #source;
  #handlers;
  /** @type {number|null} */
  #retry = null;
  #watchdog = new Timer(() => this.#end("silent"));

  /** @param {number} cursor @param {SseHandlers} handlers */
  constructor(cursor, handlers) {
    this.#handlers = handlers;
    this.#source = new EventSource(`${BASE}/subscribe?after=${cursor}`);
    this.#source.onopen = () => this.#opened();
    this.#source.onerror = () => this.#end(this.#source.readyState === EventSource.CLOSED ? "refused" : "lost");
    for (const kind of [...LOGGED, ...CONTROL, ...SIGNALS]) {
      this.#source.addEventListener(kind, (event) => this.#receive(kind, event));
    }
    this.#watchdog.start(OPENING_MS);
  }

  close() {
    this.#watchdog.clear();
    this.#source.close();
  }

  #opened() {
    this.#watchdog.start(SILENCE_MS);
    this.#handlers.onOpen?.();
  }

  #receive(kind, event) {
    this.#watchdog.start(SILENCE_MS);
    const data = JSON.parse(event.data);
    if (kind === "bye") this.#retry = data.retry;
    else if (kind !== "end") this.#handlers.onFrame(kind, Number(event.lastEventId), data);
  }

  /** @param {CloseReason} reason */
  #end(reason) {
    this.close();
    this.#handlers.onClose(reason, this.#retry);
  }
}
