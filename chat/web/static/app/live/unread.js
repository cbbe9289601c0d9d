// Unread counts and read markers.

import { call } from "../core/api.js";
import { patchKnownRoom, refreshRoom } from "../core/rooms.js";
import { me, myId, roomInView, rooms } from "../core/store.js";
import { mentions } from "../text/mentions.js";
import { shareSignal } from "./shared_stream.js";

/** @import {Room} from "../core/store.js" */

const MOST_UNREAD = 1000; // as the service counts

/** The room's counts after a new message. @param {Room} room @returns {{unread?: number, mentions?: number}} */
export function countUnread({ joined, unread, mentions: mentioned }, event) {
  if (!joined || event.sender?.id === myId.value || event.room.id === roomInView.peek()) return {};
  const isMentioned = mentions(event.text, me.value?.name ?? "");
  return { unread: Math.min(MOST_UNREAD, unread + 1), mentions: mentioned + Number(isMentioned) };
}

/** @param {number} roomId @param {number} messageId */
export function isUnread(roomId, messageId) {
  const room = rooms.value.get(roomId);
  return Boolean(room?.unread) && messageId > (room?.read ?? 0);
}

export function setReadMarker({ room, read, unread, mentions: mentioned }) {
  patchKnownRoom(room.id, { read, unread, mentions: mentioned });
}

/**
 * Marks everything up to an event as read: in all tabs at once, and on the user's other devices through the service.
 * @throws {Problem}
 * @param {number} roomId
 * @param {number} eventId
 */
export async function markRead(roomId, eventId) {
  const room = rooms.value.get(roomId);
  if (!room?.joined || eventId <= (room.read ?? 0)) return;
  const isAll = eventId >= room.newest;
  shareReadMarker(roomId, eventId, isAll ? { unread: 0, mentions: 0 } : room);
  try {
    await call("PUT", `/room/${roomId}/read`, { id: eventId });
  } catch (problem) {
    undoMarkRead(room, eventId, isAll);
    throw problem;
  }
  if (!isAll) await refreshRoom(roomId);
}

/** Restores the counts of before, and adds what was counted since. */
function undoMarkRead(before, eventId, isAll) {
  const now = rooms.value.get(before.id);
  if (!now || now.read !== eventId) return;
  const { unread, mentions: mentioned } = isAll ? before : { unread: 0, mentions: 0 };
  shareReadMarker(before.id, before.read, { unread: unread + now.unread, mentions: mentioned + now.mentions });
}

function shareReadMarker(roomId, read, { unread, mentions: mentioned }) {
  shareSignal({ kind: "read", room: { id: roomId }, read, unread, mentions: mentioned });
}
