// Applies events to the store: rooms and their unread counts, typing and presence.

import { call } from "../core/api.js";
import { onEvent, onGap, onReconnect } from "../core/event_bus.js";
import { conversationRoom, dropRoom, loadRooms, patchKnownRoom, patchRoom, refreshRoom } from "../core/rooms.js";
import { currentRoomId, me, rooms } from "../core/store.js";
import { showToast } from "../core/toasts.js";
import { forgetOtherRooms, setPresent, startTyping, stopTyping } from "./signals.js";
import { countUnread, isUnread, setReadMarker } from "./unread.js";

export function startRoomListEvents() {
  onEvent((event) => HANDLERS[event.kind]?.(event));
  onGap(() => loadRooms().catch(() => undefined)); // without a connection; another gap is announced when it is back
  onReconnect(forgetOtherRooms);
}

const HANDLERS = {
  message: onPosted,
  file: onPosted,
  announcement: onPosted,
  deleted: ({ room, message }) => isUnread(room.id, message.id) && refreshRoom(room.id),
  join: ({ room, user }) => (isMe(user) ? refreshRoom(room.id) : countMembers(room.id, 1)),
  leave: onLeft,
  removed: onLeft,
  banned: onLeft,
  room_changed: ({ room, topic, max_members, expires_at }) =>
    patchKnownRoom(room.id, { name: room.name, topic, max_members, expires_at }),
  room_closed: onClosed,
  read: setReadMarker,
  typing: ({ room, user }) => isMe(user) || startTyping(room.id, user),
  presence: ({ room, user, present }) => setPresent(room.id, user.id, present),
};

const isMe = (user) => user?.id === me.value?.id;

function onPosted(event) {
  const room = rooms.value.get(event.room.id);
  if (event.sender) stopTyping(event.room.id, event.sender.id);
  if (!room) addRoomOf(event);
  else if (event.id > room.newest) {
    patchRoom(room.id, { ...countUnread(room, event), newest: event.id, last: lastMessage(event) });
  }
}

function lastMessage({ id, sender, text, created_at }) {
  return { id, sender, text: text.slice(0, 100), created_at };
}

/** A conversation that somebody has begun, or a room that the user has joined elsewhere. */
function addRoomOf({ room }) {
  if (room.kind !== "direct") refreshRoom(room.id);
  else addConversations().catch(() => undefined); // the next message tries again
}

async function addConversations() {
  const list = await call("GET", "/conversations?limit=50");
  list.map(conversationRoom).forEach(addRoom);
}

function addRoom(room) {
  if (!rooms.value.has(room.id)) patchRoom(room.id, room);
}

function onLeft({ room, user }) {
  setPresent(room.id, user.id, false);
  stopTyping(room.id, user.id);
  if (isMe(user)) refreshRoom(room.id);
  else countMembers(room.id, -1);
}

function countMembers(id, change) {
  const room = rooms.value.get(id);
  if (room) patchRoom(id, { members: (room.members ?? 0) + change });
}

function onClosed({ room }) {
  const known = rooms.value.get(room.id);
  if (known && currentRoomId.value === room.id) showToast(`${known.name} has ended.`);
  dropRoom(room.id);
}
