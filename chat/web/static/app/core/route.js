// The address: /, /r/<room id>, /r/<room id>/<message id>, /join/<invite key>. It and the store's currentId and messageId say the same.

import { batch, signal } from "../../vendor/ui.js";
import { currentId, messageId } from "./store.js";

/** The key of an invitation that was followed, null otherwise. */
export const inviteKey = signal(null);

const ROOM = /^\/r\/(\d{1,18})(?:\/(\d{1,18}))?\/?$/;
const JOIN = /^\/join\/([^/]+)\/?$/;

/** Goes to an address of the page; `replace` leaves no step in the history. */
export function go(path, { replace = false } = {}) {
  if (path !== location.pathname) history[replace ? "replaceState" : "pushState"](null, "", path);
  read(path);
}

/** Shows a room, at a message if one is given. */
export function openRoom(id, message) {
  go(message ? `/r/${id}/${message}` : `/r/${id}`);
}

/** Takes up the address, now and whenever somebody goes back or forth. */
export function startRouting() {
  addEventListener("popstate", () => read(location.pathname));
  read(location.pathname);
}

function read(path) {
  const room = ROOM.exec(path);
  batch(() => {
    currentId.value = room ? Number(room[1]) : null;
    messageId.value = room?.[2] ? Number(room[2]) : null;
    inviteKey.value = invitation(path);
  });
}

function invitation(path) {
  const found = JOIN.exec(path);
  try {
    return found && decodeURIComponent(found[1]);
  } catch {
    return null;
  }
}
