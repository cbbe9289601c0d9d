// What the page knows, as signals. Maps are replaced, never changed in place, so that whoever shows them hears of it.

import { batch, computed, signal } from "../../vendor/ui.js";
import { call } from "./api.js";

/** @typedef {{id: number, name: string}} UserRef */
/** @typedef {{id: number, kind: "open"|"closed"|"direct", name: string, joined: boolean, read: number|null, unread: number, mentions: number, newest: number}} Room
 *  A direct conversation has the other's name, and `user`: the other. */

const PAGE = 500; // the most that a list answers at once

/** undefined: not known yet; null: signed out. */
export const me = signal(undefined);
/** By id. */
export const rooms = signal(new Map());
export const roomsLoaded = signal(false);
export const currentId = signal(null);
export const messageId = signal(null);
/** How events reach this browser. retryAt: when it is tried again, in ms since 1970. */
export const link = signal({ state: "connecting", transport: null, retryAt: null, leader: false });
export const live = computed(() => link.value.state === "live");
/** Room id -> user id -> {name, until}. */
export const typing = signal(new Map());
/** Room id -> ids of the users who are there. */
export const present = signal(new Map());
export const toasts = signal([]);
/** The room whose newest messages are on the screen, null for none: what is said there is read as it comes, and never counted. */
export const watched = signal(null);
/** The cursor from which on events are heard: whatever is loaded later is newer. null: nobody is signed in. */
export const start = signal(null);

export const currentRoom = computed(() => rooms.value.get(currentId.value));

let toastNumber = 0;
/** {room: id, page: of its messages}: of the room that is opened first, from beforehand. */
let early = null;

/** Changes a room, or adds one that was not known. */
export function patchRoom(id, changes) {
  const changed = new Map(rooms.value);
  changed.set(id, { ...changed.get(id), ...changes, id });
  rooms.value = changed;
  if (changes.joined === false) forgetThoseIn(id);
}

export function dropRoom(id) {
  const left = new Map(rooms.value);
  if (left.delete(id)) rooms.value = left;
  forgetThoseIn(id);
}

/** Nothing is told any more of who is there, or types. */
function forgetThoseIn(id) {
  for (const known of [present, typing]) {
    const left = new Map(known.peek());
    if (left.delete(id)) known.value = left;
  }
}

/** All rooms and conversations, anew. Throws Problem. */
export async function loadRooms() {
  const user = me.peek();
  const listed = await listRooms();
  if (me.peek() === user) setRooms(listed);
}

/** Those of whoever is signed in. Throws Problem. */
export async function listRooms() {
  const [listed, conversations] = await Promise.all([everyRoom(), call("GET", `/conversations?limit=${PAGE}`)]);
  return [...listed, ...conversations.map(asRoom)];
}

function setRooms(listed) {
  batch(() => {
    rooms.value = new Map(listed.map((room) => [room.id, newer(room)]));
    roomsLoaded.value = true;
  });
}

/** What was heard of a room while it was on its way here is newer than what it says. */
export function newer(room) {
  const known = rooms.value.get(room.id);
  if (!known || !room.joined || (known.newest <= room.newest && (known.read ?? 0) <= (room.read ?? 0))) return room;
  const { newest, read, unread, mentions, last } = known;
  return { ...room, newest, read, unread, mentions, last };
}

async function everyRoom() {
  const all = [];
  for (let page = null; page === null || page.length === PAGE; ) {
    const after = page ? `&after=${page.at(-1).id}` : "";
    page = await call("GET", `/rooms?limit=${PAGE}${after}`);
    all.push(...page);
  }
  return all;
}

/** A conversation as a room of its own kind. */
export function asRoom({ id, user, read, unread, mentions, newest, last }) {
  return { id, kind: "direct", name: user.name, user, joined: true, read, unread, mentions, newest, last };
}

/** Says something for a while. Returns its id; `action`: {label, run}. */
export function toast(text, { action } = {}) {
  const id = ++toastNumber;
  toasts.value = [...toasts.value, { id, text, action }];
  return id;
}

export function dropToast(id) {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Somebody has signed in. The cursor first: whatever is loaded from now on is newer. listed: their rooms; opened: a room and a page of its
 *  messages; where they were asked for after that cursor. */
export async function signedIn(user, { cursor, listed, opened } = {}) {
  const known = cursor || (await call("GET", "/subscribe?wait=0")).cursor;
  early = opened?.page && listed?.some((room) => room.id === opened.room && room.joined) ? opened : null;
  batch(() => {
    start.value = known;
    me.value = user;
    if (listed) setRooms(listed);
  });
}

/** The page of messages that came beforehand, if it is this room's that is opened: once, for it gets old. */
export function takeEarly(id) {
  const page = early?.room === id ? early.page : null;
  early = null;
  return page;
}

/** Nobody is signed in any more: nothing of theirs stays. */
export function signedOut() {
  batch(() => {
    me.value = null;
    early = null;
    start.value = null;
    rooms.value = new Map();
    roomsLoaded.value = false;
    typing.value = new Map();
    present.value = new Map();
  });
}
