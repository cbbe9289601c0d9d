// The message windows of the rooms that were open lately. Events keep them current; they are shown while there is no
// connection.

import { effect } from "../../vendor/ui.js";
import { onEvent, onGap } from "./event_bus.js";
import { isMessageChange, isPosted } from "./message_list.js";
import { MessageWindow } from "./message_window.js";
import { me, rooms } from "./store.js";

/** @import {Page} from "./message_window.js" */

const MOST = 5; // rooms
const LEAVES = new Set(["leave", "removed", "banned"]);

/** By room id, the room that was closed last at the end. @type {Map<number, MessageWindow>} */
const windows = new Map();

/**
 * Keeps the window of a room that is closed, if the user is in that room.
 * @param {number} roomId
 * @param {MessageWindow} window
 */
export function cacheWindow(roomId, { messages, hasOlder, atNewest }) {
  if (!isJoined(roomId)) return;
  const cached = new MessageWindow();
  // Keys are the timeline's own.
  const list = messages.peek().map((message) => (message.key ? { ...message, key: undefined } : message));
  cached.replace({ messages: list, more: hasOlder.peek(), newer: !atNewest.peek() });
  windows.delete(roomId);
  windows.set(roomId, cached);
  if (windows.size > MOST) windows.delete(/** @type {number} */ (windows.keys().next().value));
}

/** All that is cached of a room, as one page. @param {number} roomId @returns {Page|null} */
export function cachedPage(roomId) {
  const window = windows.get(roomId);
  if (!window) return null;
  return { messages: window.messages.peek(), more: window.hasOlder.peek(), newer: !window.atNewest.peek() };
}

const isJoined = (roomId) => Boolean(rooms.peek().get(roomId)?.joined);

onEvent((event) => {
  const window = windows.get(event.room?.id);
  if (!window) return;
  // The user gets no events of the room until they are back in it.
  if (LEAVES.has(event.kind) && event.user.id === me.peek()?.id) windows.delete(event.room.id);
  else if (isMessageChange(event)) window.change(event);
  else if (isPosted(event) && window.atNewest.peek()) window.extend([event], true);
});
onGap(() => windows.clear());

/** Drops rooms that have ended or that the user has left, and all of them after signing out. */
effect(() => {
  if (rooms.value) for (const roomId of [...windows.keys()]) if (!isJoined(roomId)) windows.delete(roomId);
});
