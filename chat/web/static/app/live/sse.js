// One EventSource, watched: it is over when it breaks, is refused, or is mute for longer than a service that sends heartbeats can be.

import { BASE } from "../core/api.js";
import { MUTE, OPENING } from "./settings.js";
import { Timer } from "./timer.js";

/** Kinds that are no place in the log: their frames carry no id. */
export const FLEETING = new Set(["typing", "presence", "read"]);

const LOGGED = [
  "message", "file", "announcement", "edited", "deleted", "reacted", "unreacted",
  "join", "leave", "removed", "banned", "room_changed", "room_closed",
];
const CONTROL = ["heartbeat", "reset", "bye", "end"];

export class Sse {
  #source;
  #retry = null; // ms, of the service's goodbye
  #mute = new Timer(() => this.#over("mute"));
  #on;

  /** @param {{opened?: () => void, frame: (kind: string, id: number, data: object) => void,
   *           over: (why: "lost"|"refused"|"mute", retry: number|null) => void}} on */
  constructor(cursor, on) {
    this.#on = on;
    this.#source = new EventSource(`${BASE}/subscribe?after=${cursor}`);
    this.#source.onopen = () => this.#opened();
    this.#source.onerror = () => this.#over(this.#source.readyState === EventSource.CLOSED ? "refused" : "lost");
    for (const kind of [...LOGGED, ...CONTROL, ...FLEETING]) this.#source.addEventListener(kind, (event) => this.#frame(kind, event));
    this.#mute.start(OPENING);
  }

  close() {
    this.#mute.clear();
    this.#source.close();
  }

  #opened() {
    this.#mute.start(MUTE);
    this.#on.opened?.();
  }

  #frame(kind, event) {
    this.#mute.start(MUTE);
    const data = JSON.parse(event.data);
    if (kind === "bye") this.#retry = data.retry;
    else if (kind !== "end") this.#on.frame(kind, Number(event.lastEventId), data);
  }

  #over(why) {
    this.close();
    this.#on.over(why, this.#retry);
  }
}
