// Rooms and direct conversations: loaded, changed and dropped in the store.

import { batch } from "../../vendor/ui.js";
import { Problem, call } from "./api.js";
import { me, presence, rooms, roomsLoaded, typing } from "./store.js";

/** @import {Room} from "./store.js" */

const PAGE = 500; // the most that the service lists at once
const GONE = new Set([403, 404, 410]);
const REFRESH_ATTEMPTS = 3; // in a room that gets messages all the time

/** Changes a room, or adds one that was not known. @param {number} id @param {Partial<Room>} changes */
export function patchRoom(id, changes) {
  rooms.value = new Map(rooms.value).set(id, /** @type {Room} */ ({ ...rooms.value.get(id), ...changes, id }));
  if (changes.joined === false) forgetSignals(id);
}

/** Changes a room if it is known. @param {number} id @param {Partial<Room>} changes */
export function patchKnownRoom(id, changes) {
  if (rooms.value.has(id)) patchRoom(id, changes);
}

/** @param {number} id */
export function dropRoom(id) {
  dropKey(rooms, id);
  forgetSignals(id);
}

/** Typing and presence of a room that the user is not in any more are not received. */
function forgetSignals(id) {
  dropKey(presence, id);
  dropKey(typing, id);
}

function dropKey(map, id) {
  const others = new Map(map.peek());
  if (others.delete(id)) map.value = others;
}

/** Loads all rooms and conversations again. @throws {Problem} */
export async function loadRooms() {
  const user = me.peek();
  const list = await fetchRooms();
  if (me.peek() === user) setRooms(list);
}

/** All rooms and conversations of the user. @returns {Promise<Room[]>} @throws {Problem} */
export async function fetchRooms() {
  const [list, conversations] = await Promise.all([fetchAllPages(), call("GET", `/conversations?limit=${PAGE}`)]);
  return [...list, ...conversations.map(conversationRoom)];
}

async function fetchAllPages() {
  const all = [];
  for (let page = null; page === null || page.length === PAGE; ) {
    const after = page ? `&after=${page.at(-1).id}` : "";
    page = await call("GET", `/rooms?limit=${PAGE}${after}`);
    all.push(...page);
  }
  return all;
}

/** @param {Room[]} list */
export function setRooms(list) {
  batch(() => {
    rooms.value = new Map(list.map((room) => [room.id, keepNewerCounts(room)]));
    roomsLoaded.value = true;
  });
}

/**
 * Events that arrived while the room was being fetched are newer than its counts.
 * @param {Room} room
 * @returns {Room}
 */
export function keepNewerCounts(room) {
  const known = rooms.value.get(room.id);
  if (!known || !room.joined || (known.newest <= room.newest && (known.read ?? 0) <= (room.read ?? 0))) return room;
  const { newest, read, unread, mentions, last } = known;
  return { ...room, newest, read, unread, mentions, last };
}

/** A room without its counts, which the stream keeps. @param {Room} room @returns {Partial<Room>} */
export function withoutCounts({ read, unread, mentions, newest, ...room }) {
  return room;
}

/**
 * Fetches one room. Events that arrive meanwhile stay counted, and the room is then fetched again.
 * @param {number} id
 */
export async function refreshRoom(id, attempts = REFRESH_ATTEMPTS) {
  try {
    const room = await call("GET", `/room/${id}`);
    const isBehind = room.joined && (rooms.value.get(id)?.newest ?? 0) > room.newest;
    if (room.kind === "direct") patchKnownRoom(id, countsOf(keepNewerCounts(room)));
    else patchRoom(id, keepNewerCounts(room));
    if (isBehind && attempts > 1) await refreshRoom(id, attempts - 1);
  } catch (error) {
    if (error instanceof Problem && GONE.has(error.status)) dropRoom(id);
  }
}

/** Nothing else of a conversation is taken over: the store has the other person's name as the room's. */
function countsOf({ read, unread, mentions, newest }) {
  return { read, unread, mentions, newest };
}

/** A conversation as a room of its own kind. @returns {Room} */
export function conversationRoom({ id, user, read, unread, mentions, newest, last = undefined }) {
  return { id, kind: "direct", name: user.name, user, joined: true, read, unread, mentions, newest, last };
}
