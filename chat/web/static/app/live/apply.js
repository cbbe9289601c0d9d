// Keeps the rooms, their unread counts, who types and who is there, as the events say.

import { call } from "../core/api.js";
import { asRoom, currentId, dropRoom, loadRooms, me, newer, patchRoom, present, rooms, toast, typing, watched } from "../core/store.js";
import { mentions as means } from "../text/mentions.js";
import { onReturn } from "./returns.js";
import { onEvent, onGap, shareFleeting } from "./stream.js";

const TYPING_MS = 6000; // a word of typing lapses
const MOST_UNREAD = 1000;
const GONE = new Set([403, 404, 410]);
const TRIES = 3; // in a room where something is said all the time

export function startApplying() {
  onEvent((event) => APPLY[event.kind]?.(event));
  onGap(() => loadRooms().catch(() => undefined)); // without a connection; there is another gap to be told of when it is back
  onReturn(forgetElsewhere);
}

const APPLY = {
  message: posted,
  file: posted,
  announcement: posted,
  deleted: ({ room, message }) => isUnread(room.id, message.id) && refresh(room.id),
  join: ({ room, user }) => (isMe(user) ? refresh(room.id) : count(room.id, 1)),
  leave: gone,
  removed: gone,
  banned: gone,
  room_changed: ({ room, topic, max_members, expires_at }) => patchKnown(room.id, { name: room.name, topic, max_members, expires_at }),
  room_closed: closed,
  read: ({ room, read, unread, mentions }) => patchKnown(room.id, { read, unread, mentions }),
  typing: ({ room, user }) => isMe(user) || setTyping(room.id, user, Date.now() + TYPING_MS),
  presence: ({ room, user, present: here }) => setPresent(room.id, user.id, here),
};

const isMe = (user) => user?.id === me.value?.id;

function patchKnown(id, changes) {
  if (rooms.value.has(id)) patchRoom(id, changes);
}

// Messages and what is unread

function posted(event) {
  const room = rooms.value.get(event.room.id);
  if (event.sender) stopsTyping(event.room.id, event.sender.id);
  if (!room) discover(event);
  else if (event.id > room.newest) patchRoom(room.id, { ...counted(room, event), newest: event.id, last: lastOf(event) });
}

function counted({ joined, unread, mentions }, event) {
  if (!joined || isMe(event.sender) || event.room.id === watched.peek()) return {};
  return { unread: Math.min(MOST_UNREAD, unread + 1), mentions: mentions + Number(means(event.text, me.value.name)) };
}

function lastOf({ id, sender, text, created_at }) {
  return { id, sender, text: text.slice(0, 100), created_at };
}

function isUnread(roomId, messageId) {
  const room = rooms.value.get(roomId);
  return Boolean(room?.unread) && messageId > (room.read ?? 0);
}

/** One has read up to this event: in all tabs at once, and on one's other devices by the service. */
export async function markRead(roomId, event) {
  const room = rooms.value.get(roomId);
  if (!room?.joined || event <= (room.read ?? 0)) return;
  const all = event >= room.newest;
  shareFleeting({ kind: "read", room: { id: roomId }, read: event, unread: all ? 0 : room.unread, mentions: all ? 0 : room.mentions });
  try {
    await call("PUT", `/room/${roomId}/read`, { id: event });
  } catch (problem) {
    unmark(room, event, all);
    throw problem;
  }
  if (!all) await refresh(roomId);
}

/** As it was before, and what was counted since. */
function unmark({ id, read, unread, mentions }, event, all) {
  const now = rooms.value.get(id);
  if (now?.read !== event) return;
  const before = all ? { unread, mentions } : { unread: 0, mentions: 0 };
  shareFleeting({ kind: "read", room: { id }, read, unread: before.unread + now.unread, mentions: before.mentions + now.mentions });
}

// Rooms that come and go

/** A conversation that somebody has begun, or a room that one has come into elsewhere. */
function discover(event) {
  if (event.room.kind !== "direct") refresh(event.room.id);
  else call("GET", "/conversations?limit=50").then((all) => all.map(asRoom).forEach(add), () => undefined);
}

function add(room) {
  if (!rooms.value.has(room.id)) patchRoom(room.id, room);
}

/** A room as the service has it now. What is heard meanwhile stays counted, and then it is asked once more. */
async function refresh(id, tries = TRIES) {
  try {
    const room = await call("GET", `/room/${id}`);
    const behind = room.joined && rooms.value.get(id)?.newest > room.newest;
    if (room.kind === "direct") patchKnown(id, counts(newer(room)));
    else patchRoom(id, newer(room));
    if (behind && tries > 1) await refresh(id, tries - 1);
  } catch (problem) {
    if (GONE.has(problem.status)) dropRoom(id);
  }
}

/** Of a conversation the rest is known: it has the other's name. */
function counts({ read, unread, mentions, newest }) {
  return { read, unread, mentions, newest };
}

function gone({ room, user }) {
  setPresent(room.id, user.id, false);
  stopsTyping(room.id, user.id);
  if (isMe(user)) refresh(room.id);
  else count(room.id, -1);
}

function count(id, more) {
  const room = rooms.value.get(id);
  if (room) patchRoom(id, { members: room.members + more });
}

function closed({ room }) {
  const known = rooms.value.get(room.id);
  if (known && currentId.value === room.id) toast(`${known.name} has ended.`);
  dropRoom(room.id);
}

// Who types, and who is there

function setTyping(roomId, user, until) {
  const all = new Map(typing.value);
  all.set(roomId, new Map(all.get(roomId)).set(user.id, { name: user.name, until }));
  typing.value = all;
  setTimeout(() => lapse(roomId, user.id), TYPING_MS + 50);
}

function lapse(roomId, userId) {
  const word = typing.value.get(roomId)?.get(userId);
  if (word && word.until <= Date.now()) stopsTyping(roomId, userId);
}

function stopsTyping(roomId, userId) {
  if (!typing.value.get(roomId)?.has(userId)) return;
  const all = new Map(typing.value);
  const left = new Map(all.get(roomId));
  left.delete(userId);
  all.set(roomId, left);
  typing.value = all;
}

/** Who came and went during an absence is not told: of the room that is open the roster looks again. */
function forgetElsewhere() {
  present.value = new Map([...present.value].filter(([id]) => id === currentId.value));
}

function setPresent(roomId, userId, here) {
  const ids = new Set(present.value.get(roomId));
  if (here) ids.add(userId);
  else ids.delete(userId);
  present.value = new Map(present.value).set(roomId, ids);
}
