// Where the page subscribes to events. live/shared_stream.js delivers them.

import { batch, effect, untracked } from "../../vendor/ui.js";
import { connection } from "./store.js";

/** @typedef {any} Event an event of the service's API, or a signal (typing, presence, read), which has no id */
/** @typedef {() => void} Unsubscribe */

/** @template {Function} T @param {Set<T>} listeners @param {T} listener @returns {Unsubscribe} */
function subscribe(listeners, listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @type {Set<(event: Event) => void>} */
const eventListeners = new Set();
/** @type {Set<() => void>} */
const gapListeners = new Set();
/** @type {Set<() => void>} */
const reconnectListeners = new Set();

/** Called with each event once, in id order, and with each signal. @param {(event: Event) => void} listener */
export function onEvent(listener) {
  return subscribe(eventListeners, listener);
}

/**
 * Called when missing events will not be delivered: everything that is shown has to be loaded again.
 * @param {() => void} listener
 */
export function onGap(listener) {
  return subscribe(gapListeners, listener);
}

/**
 * Called when the connection is back. Signals are not in the log and are not delivered later: their state has to be
 * loaded again.
 * @param {() => void} listener
 */
export function onReconnect(listener) {
  return subscribe(reconnectListeners, listener);
}

/** @param {Event[]} events */
export function deliver(events) {
  batch(() => {
    for (const event of events) for (const listener of eventListeners) notify(listener, event);
  });
}

/** An error in one listener keeps nothing from the others. */
function notify(listener, event) {
  try {
    listener(event);
  } catch (error) {
    reportError(error);
  }
}

export function announceGap() {
  for (const listener of gapListeners) listener();
}

let wasAway = false;

effect(() => {
  const { state } = connection.value;
  if (state === "away" || state === "waiting") wasAway = true;
  if (state !== "live" || !wasAway) return;
  wasAway = false;
  untracked(() => reconnectListeners.forEach((listener) => listener()));
});
