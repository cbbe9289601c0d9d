// The notification level of each room: every message, mentions, or nothing. Stored in the browser, for each user who
// signs in here.

import { computed } from "../../../vendor/ui.js";
import { myId } from "../../core/store.js";
import { readSetting, writeSetting } from "./notification_permission.js";

/** @typedef {"all"|"mentions"|"nothing"} Level */
/** @type {[Level, string][]} */
export const LEVELS = [["all", "Every message"], ["mentions", "Mentions only"], ["nothing", "Nothing"]];

const levelsKey = () => `chat.notify.levels.${myId.value}`;
const levels = computed(() => JSON.parse(readSetting(levelsKey()) ?? "{}"));

/**
 * By default every message of a conversation, and mentions in a room.
 * @param {{id: number, kind?: string}} room
 * @returns {Level}
 */
export function levelOf(room) {
  return levels.value[room.id] ?? (room.kind === "direct" ? "all" : "mentions");
}

/** @param {number} roomId @param {Level} level */
export function setLevel(roomId, level) {
  writeSetting(levelsKey(), JSON.stringify({ ...levels.value, [roomId]: level }));
}
