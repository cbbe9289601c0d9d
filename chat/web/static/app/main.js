// The start: who is there, the page around them, and the events that are theirs.

import { computed, effect, html, render, untracked } from "../vendor/ui.js";
import { call, onSignedOut } from "./core/api.js";
import { startRouting } from "./core/route.js";
import { takeShell } from "./core/shell.js";
import { listRooms, loadRooms, me, roomsLoaded, signedIn, signedOut, start } from "./core/store.js";
import { startApplying } from "./live/apply.js";
import { Backoff } from "./live/backoff.js";
import { startLive, stopLive } from "./live/stream.js";
import { App } from "./ui/app.js";

const others = new BroadcastChannel("chat.identity");
const backoff = new Backoff();
let last = null; // whoever was signed in here
/** As `me`: a profile that changes is nobody else's. */
const myId = computed(() => (me.value ? me.value.id : me.value));

/** Asks who is signed in, until there is an answer. */
async function boot() {
  try {
    const { cursor, messages } = takeShell();
    const listing = cursor && listRooms().catch(() => null); // on their way already, as are these
    const opening = messages && call("GET", messages.path).catch(() => null);
    const { user } = await call("GET", "/session");
    await signedIn(user, { cursor, listed: await listing, opened: { room: messages?.room, page: await opening } });
  } catch (problem) {
    if (problem.status !== 401) setTimeout(boot, backoff.next(problem.retryAfter));
  }
}

/** The rooms, and everything that is said in them, for as long as somebody is signed in. */
function follow() {
  const id = myId.value;
  if (id === undefined) return;
  others.postMessage(id);
  if (id === null) return;
  if (last && last !== id) location.reload(); // nothing of another person is kept
  last = id;
  untracked(() => startLive(me.value, start.value));
  if (!roomsLoaded.peek()) load();
  return stopLive;
}

function load() {
  loadRooms().catch(({ retryAfter }) => setTimeout(() => me.value && load(), backoff.next(retryAfter)));
}

/** Another tab has signed in or out. Whoever is somebody else now begins anew. */
others.onmessage = ({ data }) => {
  if (me.value === undefined || data === (me.value?.id ?? null)) return;
  if (data === null) signedOut();
  else if (me.value) location.reload();
  else boot();
};

onSignedOut(signedOut);
startRouting();
startApplying();
render(html`<${App} />`, document.getElementById("page"));
effect(follow);
boot();
