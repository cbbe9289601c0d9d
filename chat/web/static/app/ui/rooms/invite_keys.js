// Invite keys that were shown since the page was opened. The service shows each key once, and stores only its hash.

import { signal } from "../../../vendor/ui.js";

/** By room id. @type {import("../../../vendor/ui.js").Signal<Map<number, string>>} */
const inviteKeys = signal(new Map());

/** @param {number} roomId @param {string} key */
export function rememberInviteKey(roomId, key) {
  inviteKeys.value = new Map(inviteKeys.value).set(roomId, key);
}

/** @param {number} roomId */
export function inviteKeyOf(roomId) {
  return inviteKeys.value.get(roomId);
}
