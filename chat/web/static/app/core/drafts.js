// Drafts by room, and messages that were sent and not confirmed: both survive a reload.

import { myId } from "./store.js";

/** @typedef {{text: string, replyTo: any}} Draft */
const EMPTY = Object.freeze({ text: "", replyTo: null });

const draftKey = (room) => `chat.draft.${myId.value}.${room}`;
const unsentKey = (room) => `chat.unsent.${myId.value}.${room}`;

/** @param {number} room @returns {Draft} */
export function loadDraft(room) {
  return { ...EMPTY, ...load(localStorage, draftKey(room)) };
}

/** @param {number} room @param {Draft} draft */
export function saveDraft(room, draft) {
  save(localStorage, draftKey(room), draft.text || draft.replyTo ? draft : null);
}

/**
 * Unsent messages of this tab. Another tab has its own, and must not send this one's.
 * @param {number} room
 * @returns {any[]}
 */
export function loadUnsent(room) {
  return load(sessionStorage, unsentKey(room)) ?? [];
}

/** @param {number} room @param {object[]} entries */
export function saveUnsent(room, entries) {
  save(sessionStorage, unsentKey(room), entries.length ? entries : null);
}

function load(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null; // there is no storage, or it holds something else
  }
}

function save(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or forbidden: the page works without it.
  }
}
