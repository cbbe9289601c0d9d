// Begins and ends a user's session on this page.

import { batch } from "../../vendor/ui.js";
import { call } from "./api.js";
import { setRooms } from "./rooms.js";
import { me, presence, rooms, roomsLoaded, startCursor, typing } from "./store.js";

/** @import {Page} from "./message_window.js" */
/** @import {Room, User} from "./store.js" */

/** The first page of messages of the room that is opened first, if the shell had the browser fetch it.
 *  @type {{room: number|undefined, page: Page|null}|null} */
let preloaded = null;

/**
 * The cursor comes first: everything that is loaded from now on is newer.
 * @param {User} user
 * @param {{cursor?: number|null, list?: Room[]|null, opened?: {room: number|undefined, page: Page|null}}} [shell] what
 *   was fetched after the shell's cursor: the user's rooms, and a page of messages
 */
export async function startSession(user, { cursor, list, opened } = {}) {
  const start = cursor || (await call("GET", "/subscribe?wait=0")).cursor;
  const isMember = Boolean(list?.some((room) => room.id === opened?.room && room.joined));
  preloaded = opened?.page && isMember ? opened : null;
  batch(() => {
    startCursor.value = start;
    me.value = user;
    if (list) setRooms(list);
  });
}

/** The preloaded page of messages if it is this room's. Only once, because it gets old. @param {number} roomId */
export function takePreloadedPage(roomId) {
  const page = preloaded?.room === roomId ? preloaded.page : null;
  preloaded = null;
  return page;
}

/** Nobody is signed in any more: nothing of the user stays. */
export function endSession() {
  batch(() => {
    me.value = null;
    preloaded = null;
    startCursor.value = null;
    rooms.value = new Map();
    roomsLoaded.value = false;
    typing.value = new Map();
    presence.value = new Map();
  });
}
