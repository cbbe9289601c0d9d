// The address: /, /r/<room id>, /r/<room id>/<message id>, /join/<invite key>. The store's currentRoomId and
// linkedMessageId follow it.

import { batch, signal } from "../../vendor/ui.js";
import { currentRoomId, linkedMessageId } from "./store.js";

/** The key of an invitation that was followed. @type {import("../../vendor/ui.js").Signal<string|null>} */
export const inviteKey = signal(null);

const ROOM = /^\/r\/(\d{1,18})(?:\/(\d{1,18}))?\/?$/;
const JOIN = /^\/join\/([^/]+)\/?$/;

/** Goes to an address of the page. replace: without an entry in the history. @param {string} path */
export function navigate(path, { replace = false } = {}) {
  if (path !== location.pathname) history[replace ? "replaceState" : "pushState"](null, "", path);
  followPath(path);
}

/** Shows a room, at a message if one is given. @param {number} id @param {number} [message] */
export function openRoom(id, message) {
  navigate(message ? `/r/${id}/${message}` : `/r/${id}`);
}

/** Follows the address, now and when the user goes back or forward. */
export function startRouter() {
  addEventListener("popstate", () => followPath(location.pathname));
  followPath(location.pathname);
}

function followPath(path) {
  const room = ROOM.exec(path);
  batch(() => {
    currentRoomId.value = room ? Number(room[1]) : null;
    linkedMessageId.value = room?.[2] ? Number(room[2]) : null;
    inviteKey.value = inviteKeyOf(path);
  });
}

function inviteKeyOf(path) {
  const match = JOIN.exec(path);
  try {
    return match && decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}
