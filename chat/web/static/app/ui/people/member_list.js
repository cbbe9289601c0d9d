// The members of the room that is open and who of them is present, kept current by events.

import { signal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { onEvent, onGap, onReconnect } from "../../core/event_bus.js";
import { patchRoom, withoutCounts } from "../../core/rooms.js";
import { myId, presence } from "../../core/store.js";
import { compareNames } from "../common/fuzzy_match.js";

/** @import {Signal} from "../../../vendor/ui.js" */
/** @import {UserRef} from "../../core/store.js" */
/** @typedef {{user: UserRef, owner: boolean, present: boolean}} Member */

const MOST = 500;
const INTERVAL_MS = 60_000; // in a large room not every presence signal is sent
const CHANGES = new Set(["join", "leave", "removed", "banned"]);

/** The members of one room. @type {Signal<{room: number|null, members: Member[]}>} */
export const memberList = signal({ room: null, members: [] });

/** Keeps a room's members current. Returns a function that stops it. @param {number} roomId */
export function followMembers(roomId) {
  let isActive = true;
  const reload = () => load(roomId, () => isActive).catch(() => undefined); // the next change or interval tries again
  reload();
  const onChange = (event) => event.room?.id === roomId && CHANGES.has(event.kind) && reload();
  const stops = [onGap(reload), onReconnect(reload), onEvent(onChange)];
  const timer = setInterval(reload, INTERVAL_MS);
  return () => {
    isActive = false;
    clearInterval(timer);
    for (const stop of stops) stop();
  };
}

async function load(roomId, isActive) {
  const paths = [`/room/${roomId}/members?limit=${MOST}`, `/room/${roomId}`];
  const [members, room] = await Promise.all(paths.map((path) => call("GET", path)));
  if (!isActive()) return;
  memberList.value = { room: roomId, members };
  const presentIds = members.filter(({ present }) => present).map(({ user }) => user.id);
  presence.value = new Map(presence.value).set(roomId, new Set(presentIds));
  if (room.kind !== "direct") patchRoom(roomId, withoutCounts(room));
}

/**
 * Ids of the users who are present in a room. The user of this page is always one of them, even before the service
 * counts them.
 * @param {number} roomId
 * @returns {Set<number>}
 */
export function presentIn(roomId) {
  return new Set(presence.value.get(roomId)).add(myId.value);
}

/** Whether a user is known to be present in any room. @param {{id: number}|undefined} user */
export function isPresent(user) {
  return [...presence.value.values()].some((ids) => user !== undefined && ids.has(user.id));
}

/** The members of a room if they are loaded, those who are present first. @param {number} roomId @returns {Member[]} */
export function membersOf(roomId) {
  if (memberList.value.room !== roomId) return [];
  const ids = presentIn(roomId);
  const members = memberList.value.members.map((member) => ({ ...member, present: ids.has(member.user.id) }));
  const presentFirst = (one, other) => Number(other.present) - Number(one.present);
  return members.sort((one, other) => presentFirst(one, other) || compareNames(one.user, other.user));
}
