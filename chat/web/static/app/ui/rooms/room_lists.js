// The user's rooms and conversations, in the order of the sidebar.

import { computed } from "../../../vendor/ui.js";
import { rooms } from "../../core/store.js";
import { compareNames } from "../common/fuzzy_match.js";

/** By name. */
export const joinedRooms = computed(() => joined((room) => room.kind !== "direct").sort(compareNames));
/** The latest first. */
export const conversations = computed(() =>
  joined((room) => room.kind === "direct").sort((one, other) => other.newest - one.newest));

/** @param {(room: import("../../core/store.js").Room) => boolean} condition */
function joined(condition) {
  return [...rooms.value.values()].filter((room) => room.joined && condition(room));
}
