// Enters the room that is open: loads it, and joins it if it is an open room.

import { useEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { conversationRoom, keepNewerCounts, patchRoom } from "../../core/rooms.js";
import { isConnected, myId, roomsLoaded } from "../../core/store.js";

/** @import {Room} from "../../core/store.js" */

/**
 * Enters the room, and tries again when the cause of a problem may have passed. isOut: the user was in the room and is
 * not any more, because they left elsewhere or were removed; then only they themselves join again.
 * @param {number} id
 * @param {Room|undefined} room
 */
export function useEnterRoom(id, room) {
  const problem = useSignal(/** @type {Problem|null} */ (null));
  const wasJoined = useRef(false);
  const isReady = Boolean(room?.joined);
  if (isReady) wasJoined.current = true;
  const isOut = Boolean(room && !isReady && wasJoined.current);
  const attempt = (mayJoin) => enter(id, room, mayJoin).catch((error) => {
    if (!(error instanceof Problem)) throw error;
    problem.value = error;
  });
  const attempts = useSignal(0); // the same problem twice between two renders would be no change
  const retry = () => {
    problem.value = null;
    attempts.value += 1;
  };
  useEffect(() => {
    if (isReady) problem.value = null;
    else if (roomsLoaded.value && !isOut && !problem.value) attempt(!wasJoined.current);
  }, [id, isReady, isOut, roomsLoaded.value, problem.value, attempts.value]);
  useEffect(() => {
    if (isConnected.value && problem.value && isTemporary(problem.value)) retry();
  }, [isConnected.value]);
  return { isReady, isOut, problem: problem.value, retry, join: () => attempt(true) };
}

/** Opening an open room joins it if mayJoin. @throws {Problem} */
async function enter(id, known, mayJoin) {
  const room = known ?? (await call("GET", `/room/${id}`));
  if (room.kind === "direct") return patchRoom(id, await loadConversation(room));
  if (!room.joined && !mayJoin) return patchRoom(id, room);
  if (!room.joined) await call("POST", `/room/${id}/members`, {});
  return patchRoom(id, keepNewerCounts({ ...(await call("GET", `/room/${id}`)), joined: true }));
}

/** The conversation from the list, or one without messages yet, which the list does not contain. */
async function loadConversation(room) {
  const conversation = (await call("GET", "/conversations?limit=500")).find((one) => one.id === room.id);
  if (conversation) return conversationRoom(conversation);
  const members = await call("GET", `/room/${room.id}/members`);
  const user = members.map((member) => member.user).find((one) => one.id !== myId.value);
  return conversationRoom({ id: room.id, user, read: 0, unread: 0, mentions: 0, newest: 0 });
}

/** Whether another attempt may succeed. @param {Problem} problem */
export function isTemporary({ status }) {
  return !status || status === 429 || status >= 500;
}
