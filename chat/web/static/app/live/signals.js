// Signals: who is typing, and who is present. They are not in the log, and have no id.

import { currentRoomId, presence, typing } from "../core/store.js";

const TYPING_MS = 6000; // a typing signal expires after this time

/** @param {number} roomId @param {{id: number, name: string}} user */
export function startTyping(roomId, user) {
  const until = Date.now() + TYPING_MS;
  setTypists(roomId, new Map(typing.value.get(roomId)).set(user.id, { name: user.name, until }));
  setTimeout(() => expireTyping(roomId, user.id), TYPING_MS + 50);
}

function expireTyping(roomId, userId) {
  const signal = typing.value.get(roomId)?.get(userId);
  if (signal && signal.until <= Date.now()) stopTyping(roomId, userId);
}

/** @param {number} roomId @param {number} userId */
export function stopTyping(roomId, userId) {
  const others = new Map(typing.value.get(roomId));
  if (others.delete(userId)) setTypists(roomId, others);
}

function setTypists(roomId, typists) {
  typing.value = new Map(typing.value).set(roomId, typists);
}

/** @param {number} roomId @param {number} userId @param {boolean} isPresent */
export function setPresent(roomId, userId, isPresent) {
  const ids = new Set(presence.value.get(roomId));
  if (isPresent) ids.add(userId);
  else ids.delete(userId);
  presence.value = new Map(presence.value).set(roomId, ids);
}

/** Presence signals of the time without a connection are lost. The member list loads the open room's presence again. */
export function forgetOtherRooms() {
  presence.value = new Map([...presence.value].filter(([id]) => id === currentRoomId.value));
}
