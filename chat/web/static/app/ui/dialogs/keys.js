/** Invite keys that were shown since this page was opened: the service shows each once, and keeps only its hash. */
import { signal } from "../../../vendor/ui.js";

const keys = signal(new Map());

export function keepKey(room, key) {
  keys.value = new Map(keys.value).set(room, key);
}

export function keyOf(room) {
  return keys.value.get(room);
}
