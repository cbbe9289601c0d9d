// One stream a browser. The leading tab has a source and passes on what it hears; every tab keeps a cursor of its own, takes each
// event once and in order, and fetches by itself what it finds missing. So any tab may lead next, from wherever it is.

import { batch } from "../../vendor/ui.js";
import { call } from "../core/api.js";
import { link } from "../core/store.js";
import { lead } from "./leader.js";
import { HEARTBEAT } from "./settings.js";
import { Silence } from "./silence.js";
import { Source } from "./source.js";

const MEND_AGAIN_MS = 2000;

const listeners = new Set();
const gapListeners = new Set();
const state = { user: null, cursor: 0, target: 0, mending: false, channel: null, source: null, pulse: null, leading: null };
const silence = new Silence({ ask: () => say({ what: "hello" }), nobody: () => state.leading?.seize() });
const LEADERS = new Set(["events", "gap", "link"]); // what none but a leading tab says

/** Each event object once, in id order; also typing, presence and read, which have no id. Returns what ends it. */
export function onEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called when events are missing that will not come: whatever is shown has to be loaded anew. */
export function onGap(listener) {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
}

/** Hears everything that is the user's, from this cursor on. */
export function startLive(user, cursor) {
  Object.assign(state, { user, cursor, target: cursor, channel: new BroadcastChannel(`chat.live.${user.id}`) });
  state.channel.onmessage = ({ data }) => hear(data);
  addEventListener("pageshow", greet);
  document.addEventListener("visibilitychange", greet);
  state.leading = lead(`chat.leader.${user.id}`, begin, robbed);
  greet();
}

export function stopLive() {
  removeEventListener("pageshow", greet);
  document.removeEventListener("visibilitychange", greet);
  state.leading?.resign();
  end();
  silence.end();
  state.channel?.close();
  Object.assign(state, { user: null, channel: null, leading: null });
  link.value = { state: "connecting", transport: null, retryAt: null, leader: false };
}

/** Tries at once what waits for its time, in whatever tab. */
export function retryNow() {
  if (state.source) state.source.retryNow();
  else say({ what: "retry" });
}

/** Tells the other tabs, and this one, of something that is known here only: an event without an id. */
export function shareFleeting(event) {
  tell([event]);
  say({ what: "fleeting", event });
}

function say(data) {
  state.channel?.postMessage(data);
}

/** Whoever looks at this tab waits for no heartbeat to find out whether the one that leads is alive. */
function greet() {
  if (!state.source) silence.doubt();
}

function hear(data) {
  if (LEADERS.has(data.what) && !state.source) silence.heard();
  if (data.what !== "link" || !state.source) HEAR[data.what](data); // two lead for a moment: each knows of its own source
}

// The leading tab

function begin() {
  silence.end();
  state.pulse = setInterval(appear, HEARTBEAT);
  state.source = new Source(state.cursor, {
    events: (from, to, events) => share({ what: "events", from, to, events }),
    fleeting: (event) => share({ what: "fleeting", event }),
    gap: (cursor) => share({ what: "gap", cursor }),
    tell: (now) => share({ what: "link", link: now }),
  });
  state.source.start();
}

function end() {
  clearInterval(state.pulse);
  state.source?.stop();
  state.source = null;
}

/** Another tab has taken over, for this one was suspended. */
function robbed() {
  end();
  silence.doubt();
}

/** A sign of life, and where everybody is by now. */
function appear() {
  say({ what: "link", link: link.value });
  say({ what: "events", from: state.cursor, to: state.cursor, events: [] });
}

function share(data) {
  say(data);
  HEAR[data.what](data);
}

// Every tab

const HEAR = {
  events: ({ from, to, events }) => (from > state.cursor || state.mending ? mend(to) : take(to, events)),
  fleeting: ({ event }) => tell([event]),
  gap: ({ cursor }) => {
    Object.assign(state, { cursor, target: cursor });
    for (const listener of gapListeners) listener();
  },
  link: (heard) => {
    link.value = { ...heard.link, leader: state.source !== null };
  },
  retry: () => state.source?.retryNow(),
  hello: () => state.source && appear(),
};

function take(to, events) {
  const fresh = events.filter((event) => event.id > state.cursor);
  state.cursor = Math.max(state.cursor, to);
  tell(fresh);
}

function tell(events) {
  batch(() => {
    for (const event of events) for (const listener of listeners) telling(listener, event);
  });
}

/** One listener's fault keeps nothing from the others. */
function telling(listener, event) {
  try {
    listener(event);
  } catch (error) {
    reportError(error);
  }
}

/** Something is missing between this tab's cursor and what the leader passed on: the service has it. */
async function mend(target) {
  state.target = Math.max(state.target, target);
  if (state.mending) return;
  state.mending = true;
  const { channel } = state;
  try {
    while (state.cursor < state.target && state.channel === channel) await mendOnce();
  } catch {
    setTimeout(() => state.channel === channel && mend(state.target), MEND_AGAIN_MS); // no connection, or a worker that is behind
  } finally {
    state.mending = false;
  }
}

async function mendOnce() {
  const { channel, cursor } = state;
  const answer = await call("GET", `/subscribe?after=${cursor}&wait=0`);
  if (state.channel !== channel || state.cursor !== cursor) return;
  take(answer.cursor, answer.events);
  if (state.cursor === cursor) throw new Error("nothing came");
}
