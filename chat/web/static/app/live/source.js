// Where the leading tab's events come from: a stream; the long poll while something refuses the stream or keeps it to itself; and the wait
// between attempts. Whatever it changes to, the cursor goes along: nothing is missed or repeated.

import { Backoff } from "./backoff.js";
import { Polling } from "./polling.js";
import { FIRST_TRIAL, LAST_TRIAL, LONG_AWAY, OFFLINE } from "./settings.js";
import { FLEETING, Sse } from "./sse.js";
import * as swallowed from "./swallowed.js";
import { Timer } from "./timer.js";

/**
 * @typedef {object} Ears
 * @property {(from: number, to: number, events: object[]) => void} events all there is between two cursors
 * @property {(event: object) => void} fleeting typing, presence, read: no place in the log
 * @property {(cursor: number) => void} gap what came before is not to be had as events
 * @property {(link: {state: string, transport: string|null, retryAt: number|null}) => void} tell
 */
export class Source {
  #cursor;
  #ears;
  #backoff = new Backoff();
  #heardAt = Date.now();
  #stream = null;
  #polling = null;
  #trial = null; // a stream beside the poll, until something is heard on it
  #trialPause = FIRST_TRIAL;
  #nextTrial = new Timer(() => this.#tryStream());
  #retry = new Timer(() => this.#begin());
  #connecting = false;

  /** @param {Ears} ears */
  constructor(cursor, ears) {
    this.#cursor = cursor;
    this.#ears = ears;
  }

  start() {
    addEventListener("online", this.retryNow);
    addEventListener("offline", this.#offline);
    document.addEventListener("visibilitychange", this.#seen);
    this.#begin();
  }

  stop() {
    removeEventListener("online", this.retryNow);
    removeEventListener("offline", this.#offline);
    document.removeEventListener("visibilitychange", this.#seen);
    this.#letGo();
  }

  /** Tries at once what would be tried later, and anew what hangs. */
  retryNow = () => {
    if (this.#retry.set || this.#connecting) this.#begin();
  };

  #seen = () => {
    if (!document.hidden && this.#retry.set) this.#begin();
  };

  #offline = () => this.#wait(OFFLINE, "away");

  #begin() {
    this.#tell("connecting", null);
    if (swallowed.lately() || this.#wasLongAway()) this.#poll();
    else this.#openStream();
  }

  #wait(ms, state = "waiting") {
    this.#letGo();
    this.#tell(state, null, Date.now() + ms);
    this.#retry.start(ms);
  }

  #letGo() {
    for (const timer of [this.#retry, this.#nextTrial]) timer.clear();
    for (const stream of [this.#stream, this.#trial]) stream?.close();
    this.#polling?.stop();
    this.#stream = this.#trial = this.#polling = null;
  }

  #tell(state, transport, retryAt = null) {
    this.#connecting = state === "connecting";
    this.#ears.tell({ state, transport, retryAt });
  }

  // What is heard

  #heard() {
    this.#backoff.reset();
    this.#heardAt = Date.now();
  }

  #take(to, events) {
    const from = this.#cursor;
    this.#cursor = Math.max(from, to);
    if (this.#cursor > from) this.#ears.events(from, this.#cursor, events.filter((event) => event.id > from));
  }

  #jump(cursor) {
    this.#cursor = cursor;
    this.#ears.gap(cursor);
  }

  #wasLongAway() {
    return Date.now() - this.#heardAt > LONG_AWAY;
  }

  // The stream

  #openStream() {
    this.#letGo();
    this.#stream = new Sse(this.#cursor, { opened: () => this.#tell("live", "sse"), frame: this.#frame, over: this.#over });
  }

  #frame = (kind, id, data) => {
    this.#heard();
    if (kind === "reset") this.#jump(id);
    else if (FLEETING.has(kind)) this.#ears.fleeting({ kind, ...data });
    else this.#take(id, kind === "heartbeat" ? [] : [data]);
  };

  /** One that broke is opened again: soon, or when the service said. What else becomes of one, the poll says why, or does without it. */
  #over = (why, retry) => {
    if (why === "lost") this.#wait(retry ?? this.#backoff.next());
    else this.#poll();
  };

  // The long poll

  #poll() {
    this.#letGo();
    this.#trialPause = FIRST_TRIAL;
    this.#nextTrial.start(this.#trialPause);
    const path = (wait) => (this.#wasLongAway() ? "/subscribe?wait=0" : `/subscribe?after=${this.#cursor}&wait=${wait}`);
    this.#polling = new Polling({ path, answer: (answer) => this.#answer(answer), failed: (problem) => this.#failed(problem) });
  }

  #answer({ events, cursor }) {
    const isElsewhere = this.#wasLongAway() || cursor < this.#cursor; // the newest one after a long absence; another one after a restored backup
    this.#heard();
    this.#tell("live", "long-poll");
    if (isElsewhere) this.#jump(cursor);
    else this.#take(cursor, events);
  }

  #failed({ status, retryAfter }) {
    if (status === 401) this.#letGo();
    else this.#wait(this.#backoff.next(retryAfter));
  }

  #tryStream() {
    const trial = new Sse(this.#cursor, {
      frame: (kind, id, data) => {
        if (this.#stream !== trial) this.#adopt(trial);
        this.#frame(kind, id, data);
      },
      over: (why, retry) => (this.#stream === trial ? this.#over(why, retry) : this.#trialFailed(why)),
    });
    this.#trial = trial;
  }

  /** It is heard: what the poll has told meanwhile lies below the cursor, and is not told again. */
  #adopt(trial) {
    this.#polling.stop();
    this.#polling = this.#trial = null;
    this.#stream = trial;
    swallowed.forget();
    this.#tell("live", "sse");
  }

  #trialFailed(why) {
    this.#trial = null;
    if (why === "mute") swallowed.remember();
    this.#trialPause = Math.min(LAST_TRIAL, this.#trialPause * 2);
    this.#nextTrial.start(this.#trialPause);
  }
}
