// The entry: finds out who is signed in, draws the page, and starts the user's stream.

import { computed, effect, html, render, untracked } from "../vendor/ui.js";
import { call, onSignedOut } from "./core/api.js";
import { fetchRooms, loadRooms } from "./core/rooms.js";
import { startRouter } from "./core/router.js";
import { endSession, startSession } from "./core/session.js";
import { takeShell } from "./core/shell.js";
import { me, roomsLoaded, startCursor } from "./core/store.js";
import { Backoff } from "./live/backoff.js";
import { startRoomListEvents } from "./live/room_list_events.js";
import { startStream, stopStream } from "./live/shared_stream.js";
import { App } from "./ui/app.js";

/** @import {Problem} from "./core/api.js" */

/** Tells the other tabs the user's id when somebody signs in or out. */
const identityChannel = new BroadcastChannel("chat.identity");
const backoff = new Backoff();
/** The user of whom this page holds data. @type {number|null} */
let lastUserId = null;
/** undefined and null as in `me`. Changes of the user's profile do not change it. */
const userId = computed(() => (me.value ? me.value.id : me.value));

/** Asks who is signed in, until there is a response. */
async function boot() {
  try {
    const { cursor, messages } = takeShell();
    const listing = cursor ? fetchRooms().catch(() => null) : null; // the browser preloads these two already
    const opening = messages ? call("GET", messages.path).catch(() => null) : null;
    const { user } = await call("GET", "/session");
    await startSession(user, { cursor, list: await listing, opened: { room: messages?.room, page: await opening } });
  } catch (error) {
    const { status, retryAfter } = /** @type {Problem} */ (error);
    if (status !== 401) setTimeout(boot, backoff.next(retryAfter));
  }
}

/** Receives the user's events while somebody is signed in. */
function followSession() {
  const id = userId.value;
  if (id === undefined) return undefined;
  identityChannel.postMessage(id);
  if (id === null) return undefined;
  if (lastUserId && lastUserId !== id) location.reload(); // nothing of another user stays
  lastUserId = id;
  untracked(() => startStream({ id }, startCursor.value ?? 0));
  if (!roomsLoaded.peek()) load();
  return stopStream;
}

function load() {
  loadRooms().catch(({ retryAfter }) => setTimeout(() => me.value && load(), backoff.next(retryAfter)));
}

/** Another tab has signed in or out. If the user is another one now, the page starts afresh. */
identityChannel.onmessage = ({ data }) => {
  if (me.value === undefined || data === (me.value?.id ?? null)) return;
  if (data === null) endSession();
  else if (me.value) location.reload();
  else boot();
};

onSignedOut(endSession);
startRouter();
startRoomListEvents();
render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("page")));
effect(followSession);
boot();
