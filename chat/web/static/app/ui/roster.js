/** Who is a member of the room that is open, kept right by what happens there. */
import { signal } from "../../vendor/ui.js";
import { call } from "../core/api.js";
import { me, patchRoom, present } from "../core/store.js";
import { onReturn } from "../live/returns.js";
import { onEvent, onGap } from "../live/stream.js";
import { byName } from "./match.js";

const MOST = 500;
const AGAIN_MS = 60_000; // in a room too large for word of each coming and going
const CHANGES = new Set(["join", "leave", "removed", "banned"]);

/** The members of one room: {room: its id, members: [{user, owner, present}]}. */
export const roster = signal({ room: null, members: [] });

/** Begins to keep a room's members; answers how to stop. */
export function keepRoster(id) {
  let kept = true;
  const look = () => load(id, () => kept).catch(() => undefined); // the next change, or minute, tries again
  look();
  const stops = [onGap(look), onReturn(look), onEvent((event) => event.room?.id === id && CHANGES.has(event.kind) && look())];
  const timer = setInterval(look, AGAIN_MS);
  return () => {
    kept = false;
    clearInterval(timer);
    for (const stop of stops) stop();
  };
}

async function load(id, wanted) {
  const [members, room] = await Promise.all([call("GET", `/room/${id}/members?limit=${MOST}`), call("GET", `/room/${id}`)]);
  if (!wanted()) return;
  roster.value = { room: id, members };
  present.value = new Map(present.value).set(id, new Set(members.filter((one) => one.present).map((one) => one.user.id)));
  if (room.kind !== "direct") patchRoom(id, { ...shape(room) });
}

/** What may have changed beside what is read and unread, which the stream keeps. */
function shape({ read, unread, mentions, newest, ...room }) {
  return room;
}

/** Ids of those who are in a room now; oneself always, however new to it the service takes one to be. */
export function hereIn(id) {
  return new Set(present.value.get(id)).add(me.value.id);
}

/** Whether somebody is known to be here, in any room of which that is known. */
export function isHere(user) {
  return [...present.value.values()].some((ids) => ids.has(user.id));
}

/** Members of a room by now, those who are here first. */
export function membersOf(id) {
  if (roster.value.room !== id) return [];
  const here = hereIn(id);
  const marked = roster.value.members.map((one) => ({ ...one, present: here.has(one.user.id) }));
  return marked.sort((one, other) => other.present - one.present || byName(one.user, other.user));
}
