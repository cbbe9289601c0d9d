// One stream for all tabs of a browser. The leading tab has the connection and passes on what it receives. Every tab
// keeps its own cursor, takes each event once and in order, and fetches events that it misses. So any tab may lead
// next, from wherever it is.

import { call } from "../core/api.js";
import { announceGap, deliver } from "../core/event_bus.js";
import { connection } from "../core/store.js";
import { Connection } from "./connection.js";
import { runForLeader } from "./leader_election.js";
import { LeaderWatchdog } from "./leader_watchdog.js";
import { HEARTBEAT_MS } from "./timeouts.js";

const CATCH_UP_RETRY_MS = 2000;

/**
 * target: the cursor that this tab is catching up to.
 * @type {{
 *   cursor: number, target: number, isCatchingUp: boolean, channel: BroadcastChannel|null, connection: Connection|null,
 *   pulse: ReturnType<typeof setInterval>|undefined, leadership: {resign: () => void, seize: () => void}|null,
 * }}
 */
const tab = {
  cursor: 0, target: 0, isCatchingUp: false, channel: null, connection: null, pulse: undefined, leadership: null,
};
const watchdog = new LeaderWatchdog({ ask: () => post({ what: "hello" }), onLost: () => tab.leadership?.seize() });
/** Messages that only a leading tab posts. */
const FROM_LEADER = new Set(["events", "gap", "link"]);

/** Receives all events of the user from this cursor on. @param {{id: number}} user @param {number} cursor */
export function startStream(user, cursor) {
  tab.cursor = tab.target = cursor;
  tab.channel = new BroadcastChannel(`chat.live.${user.id}`);
  tab.channel.onmessage = ({ data }) => onMessage(data);
  addEventListener("pageshow", checkLeader);
  document.addEventListener("visibilitychange", checkLeader);
  tab.leadership = runForLeader(`chat.leader.${user.id}`, beginLeading, onDeposed);
  checkLeader();
}

export function stopStream() {
  removeEventListener("pageshow", checkLeader);
  document.removeEventListener("visibilitychange", checkLeader);
  tab.leadership?.resign();
  endLeading();
  watchdog.stop();
  tab.channel?.close();
  tab.channel = tab.leadership = null;
  connection.value = { state: "connecting", transport: null, retryAt: null, leader: false };
}

/** Makes a waiting attempt to connect now, in whatever tab leads. */
export function retryNow() {
  if (tab.connection) tab.connection.retryNow();
  else post({ what: "retry" });
}

/** Delivers a signal that this tab makes itself, here and in the other tabs. */
export function shareSignal(signal) {
  deliver([signal]);
  post({ what: "fleeting", event: signal });
}

function post(message) {
  tab.channel?.postMessage(message);
}

/** A user who looks at this tab waits for no heartbeat to find out whether the leader is alive. */
function checkLeader() {
  if (!tab.connection) watchdog.check();
}

function onMessage(message) {
  if (FROM_LEADER.has(message.what) && !tab.connection) watchdog.reset();
  // Two lead for a moment: each knows its own connection.
  const isOtherLeader = message.what === "link" && tab.connection;
  if (!isOtherLeader) HANDLERS[message.what](message);
}

// The leading tab

function beginLeading() {
  watchdog.stop();
  tab.pulse = setInterval(sendPulse, HEARTBEAT_MS);
  tab.connection = new Connection(tab.cursor, {
    onEvents: (from, to, events) => share({ what: "events", from, to, events }),
    onSignal: (signal) => share({ what: "fleeting", event: signal }),
    onGap: (cursor) => share({ what: "gap", cursor }),
    onState: (state) => share({ what: "link", link: state }),
  });
  tab.connection.start();
}

function endLeading() {
  clearInterval(tab.pulse);
  tab.connection?.stop();
  tab.connection = null;
}

/** Another tab has taken over, because this one was suspended. */
function onDeposed() {
  endLeading();
  watchdog.check();
}

/** A sign of life, with the leader's cursor. */
function sendPulse() {
  post({ what: "link", link: connection.value });
  post({ what: "events", from: tab.cursor, to: tab.cursor, events: [] });
}

function share(message) {
  post(message);
  HANDLERS[message.what](message);
}

// Every tab

/**
 * The names of the messages must stay: a tab of an earlier deploy may be open beside this one. `fleeting` is a signal.
 */
const HANDLERS = {
  events: ({ from, to, events }) => (from > tab.cursor || tab.isCatchingUp ? catchUp(to) : advance(to, events)),
  fleeting: ({ event }) => deliver([event]),
  gap: ({ cursor }) => {
    tab.cursor = tab.target = cursor;
    announceGap();
  },
  link: ({ link }) => {
    connection.value = { ...link, leader: tab.connection !== null };
  },
  retry: () => tab.connection?.retryNow(),
  hello: () => tab.connection && sendPulse(),
};

function advance(to, events) {
  const unseen = events.filter((event) => event.id > tab.cursor);
  tab.cursor = Math.max(tab.cursor, to);
  deliver(unseen);
}

/** Fetches the events between this tab's cursor and what the leader passed on. @param {number} target */
async function catchUp(target) {
  tab.target = Math.max(tab.target, target);
  if (tab.isCatchingUp) return;
  tab.isCatchingUp = true;
  const { channel } = tab;
  try {
    while (tab.cursor < tab.target && tab.channel === channel) await fetchMissing();
  } catch {
    // There is no connection, or the worker is behind.
    setTimeout(() => tab.channel === channel && catchUp(tab.target), CATCH_UP_RETRY_MS);
  } finally {
    tab.isCatchingUp = false;
  }
}

async function fetchMissing() {
  const { channel, cursor } = tab;
  const response = await call("GET", `/subscribe?after=${cursor}&wait=0`);
  if (tab.channel !== channel || tab.cursor !== cursor) return;
  advance(response.cursor, response.events);
  if (tab.cursor === cursor) throw new Error("no event came");
}
