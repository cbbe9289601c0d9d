// The leading tab's connection: a stream, or the long poll while something refuses or buffers streams, with reconnects
// after a backoff. The cursor is kept across all of them, so that no event is missed or repeated.

import { Timer } from "../core/timer.js";
import { Backoff } from "./backoff.js";
import { forgetBufferingProxy, isProxyBuffering, rememberBufferingProxy } from "./buffering_proxy.js";
import { LongPoll } from "./long_poll.js";
import { SIGNALS, SseStream } from "./sse.js";
import { FIRST_STREAM_TRIAL_MS, LAST_STREAM_TRIAL_MS, LONG_ABSENCE_MS, OFFLINE_RETRY_MS } from "./timeouts.js";

/** @import {ConnectionState} from "../core/store.js" */
/**
 * @typedef {object} ConnectionHandlers
 * @property {(from: number, to: number, events: any[]) => void} onEvents all events between two cursors
 * @property {(signal: any) => void} onSignal typing, presence, read
 * @property {(cursor: number) => void} onGap events before this cursor will not be delivered
 * @property {(state: Omit<ConnectionState, "leader">) => void} onState
 */

export class Connection {
  #cursor;
  #handlers;
  #backoff = new Backoff();
  #lastReceived = Date.now();
  /** @type {SseStream|null} */
  #stream = null;
  /** @type {LongPoll|null} */
  #poll = null;
  /** A stream beside the poll, until it receives a frame. @type {SseStream|null} */
  #trial = null;
  #trialPause = FIRST_STREAM_TRIAL_MS;
  #trialTimer = new Timer(() => this.#tryStream());
  #retryTimer = new Timer(() => this.#connect());
  #isConnecting = false;

  /** @param {number} cursor @param {ConnectionHandlers} handlers */
  constructor(cursor, handlers) {
    this.#cursor = cursor;
    this.#handlers = handlers;
  }

  start() {
    addEventListener("online", this.retryNow);
    addEventListener("offline", this.#onOffline);
    document.addEventListener("visibilitychange", this.#onVisibilityChange);
    this.#connect();
  }

  stop() {
    removeEventListener("online", this.retryNow);
    removeEventListener("offline", this.#onOffline);
    document.removeEventListener("visibilitychange", this.#onVisibilityChange);
    this.#disconnect();
  }

  /** Makes a waiting attempt now, and repeats one that hangs. */
  retryNow = () => {
    if (this.#retryTimer.isRunning || this.#isConnecting) this.#connect();
  };

  #onVisibilityChange = () => {
    if (!document.hidden && this.#retryTimer.isRunning) this.#connect();
  };

  #onOffline = () => this.#reconnectAfter(OFFLINE_RETRY_MS, "away");

  #connect() {
    this.#setState("connecting", null);
    if (isProxyBuffering() || this.#wasLongAbsent()) this.#startPolling();
    else this.#openStream();
  }

  #reconnectAfter(ms, state = "waiting") {
    this.#disconnect();
    this.#setState(state, null, Date.now() + ms);
    this.#retryTimer.start(ms);
  }

  #disconnect() {
    for (const timer of [this.#retryTimer, this.#trialTimer]) timer.clear();
    for (const stream of [this.#stream, this.#trial]) stream?.close();
    this.#poll?.stop();
    this.#stream = this.#trial = this.#poll = null;
  }

  /** @param {string} state @param {ConnectionState["transport"]} transport @param {number|null} [retryAt] */
  #setState(state, transport, retryAt = null) {
    this.#isConnecting = state === "connecting";
    this.#handlers.onState({ state, transport, retryAt });
  }

  // What is received

  #markReceived() {
    this.#backoff.reset();
    this.#lastReceived = Date.now();
  }

  #advance(to, events) {
    const from = this.#cursor;
    this.#cursor = Math.max(from, to);
    if (this.#cursor > from) this.#handlers.onEvents(from, this.#cursor, events.filter((event) => event.id > from));
  }

  #jump(cursor) {
    this.#cursor = cursor;
    this.#handlers.onGap(cursor);
  }

  #wasLongAbsent() {
    return Date.now() - this.#lastReceived > LONG_ABSENCE_MS;
  }

  // The stream

  #openStream() {
    this.#disconnect();
    const onOpen = () => this.#setState("live", "sse");
    this.#stream = new SseStream(this.#cursor, { onOpen, onFrame: this.#onFrame, onClose: this.#onClose });
  }

  #onFrame = (kind, id, data) => {
    this.#markReceived();
    if (kind === "reset") this.#jump(id);
    else if (SIGNALS.has(kind)) this.#handlers.onSignal({ kind, ...data });
    else this.#advance(id, kind === "heartbeat" ? [] : [data]);
  };

  /**
   * A broken stream is opened again after a backoff, or when the service asked for it. In all other cases the poll
   * takes over: it gets the reason as a status, or works without a stream.
   */
  #onClose = (reason, retry) => {
    if (reason === "lost") this.#reconnectAfter(retry ?? this.#backoff.next());
    else this.#startPolling();
  };

  // The long poll

  #startPolling() {
    this.#disconnect();
    this.#trialPause = FIRST_STREAM_TRIAL_MS;
    this.#trialTimer.start(this.#trialPause);
    this.#poll = new LongPoll({
      path: (wait) => (this.#wasLongAbsent() ? "/subscribe?wait=0" : `/subscribe?after=${this.#cursor}&wait=${wait}`),
      onResponse: (response) => this.#onPolled(response),
      onFailed: (problem) => this.#onPollFailed(problem),
    });
  }

  #onPolled({ events, cursor }) {
    // The cursor is the newest one after a long absence, and an older one after a restored backup.
    const hasGap = this.#wasLongAbsent() || cursor < this.#cursor;
    this.#markReceived();
    this.#setState("live", "long-poll");
    if (hasGap) this.#jump(cursor);
    else this.#advance(cursor, events);
  }

  #onPollFailed({ status, retryAfter }) {
    if (status === 401) this.#disconnect();
    else this.#reconnectAfter(this.#backoff.next(retryAfter));
  }

  #tryStream() {
    const trial = new SseStream(this.#cursor, {
      onFrame: (kind, id, data) => {
        if (this.#stream !== trial) this.#adopt(trial);
        this.#onFrame(kind, id, data);
      },
      onClose: (reason, retry) => (this.#stream === trial ? this.#onClose(reason, retry) : this.#onTrialFailed(reason)),
    });
    this.#trial = trial;
  }

  /** The trial stream works and replaces the poll. Events that both deliver lie below the cursor and are skipped. */
  #adopt(trial) {
    this.#poll?.stop();
    this.#poll = this.#trial = null;
    this.#stream = trial;
    forgetBufferingProxy();
    this.#setState("live", "sse");
  }

  #onTrialFailed(reason) {
    this.#trial = null;
    if (reason === "silent") rememberBufferingProxy();
    this.#trialPause = Math.min(LAST_STREAM_TRIAL_MS, this.#trialPause * 2);
    this.#trialTimer.start(this.#trialPause);
  }
}
