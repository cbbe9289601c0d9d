// What somebody has begun to write, by room, and what was sent and not confirmed: both outlive a reload.

import { me } from "./store.js";

/** @typedef {{text: string, replyTo: object|null}} Draft */
export const NOTHING = Object.freeze({ text: "", replyTo: null });

const draftKey = (room) => `chat.draft.${me.value.id}.${room}`;
const unsentKey = (room) => `chat.unsent.${me.value.id}.${room}`;

/** @returns {Draft} */
export function draftOf(room) {
  return { ...NOTHING, ...read(localStorage, draftKey(room)) };
}

/** @param {Draft} draft */
export function keepDraft(room, draft) {
  write(localStorage, draftKey(room), draft.text || draft.replyTo ? draft : null);
}

/** Of this tab alone: another one has its own, and must not send this one's. */
export function unsentOf(room) {
  return read(sessionStorage, unsentKey(room)) ?? [];
}

export function keepUnsent(room, entries) {
  write(sessionStorage, unsentKey(room), entries.length ? entries : null);
}

function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null; // no storage here, or not what was put there
  }
}

function write(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or forbidden: the page works without.
  }
}
