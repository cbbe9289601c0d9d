// What was last seen of the rooms that were open lately, kept right by events as if they still were: shown where there is no connection.

import { effect } from "../../vendor/ui.js";
import { onEvent, onGap } from "../live/stream.js";
import { isCorrection, isPosted } from "./messages.js";
import { Run } from "./run.js";
import { me, rooms } from "./store.js";

const MOST = 5;
const AWAY = new Set(["leave", "removed", "banned"]);

const runs = new Map(); // by room; of the one that was left last, last

/** Of a room that is left: its run as it is, if one is in it still. */
export function remember(roomId, { seen, hasOlder, atNewest }) {
  if (!isIn(roomId)) return;
  const run = new Run();
  const messages = seen.peek().map((message) => (message.key ? { ...message, key: undefined } : message)); // another timeline knows no keys of this one
  run.replace({ messages, more: hasOlder.peek(), newer: !atNewest.peek() });
  runs.delete(roomId);
  runs.set(roomId, run);
  if (runs.size > MOST) runs.delete(runs.keys().next().value);
}

/** A page of all that is known; null for nothing. @returns {import("./run.js").Page|null} */
export function remembered(roomId) {
  const run = runs.get(roomId);
  return run ? { messages: run.seen.peek(), more: run.hasOlder.peek(), newer: !run.atNewest.peek() } : null;
}

const isIn = (roomId) => Boolean(rooms.peek().get(roomId)?.joined);

onEvent((event) => {
  const run = runs.get(event.room?.id);
  if (!run) return;
  if (AWAY.has(event.kind) && event.user.id === me.peek()?.id) runs.delete(event.room.id); // what is said until one is back is not told
  else if (isCorrection(event)) run.correct(event);
  else if (isPosted(event) && run.atNewest.peek()) run.extend([event], true);
});
onGap(() => runs.clear());

/** A room that has ended, or that one is not in any more, and all of them where nobody is signed in. */
effect(() => {
  if (rooms.value) for (const roomId of [...runs.keys()]) if (!isIn(roomId)) runs.delete(roomId);
});
