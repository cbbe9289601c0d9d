// The state of the page, as signals. Maps are replaced, never changed in place: a signal notifies only when its value
// changes.

import { computed, signal } from "../../vendor/ui.js";

/** @import {ReadonlySignal, Signal} from "../../vendor/ui.js" */
/** @typedef {{id: number, name: string}} UserRef */
/** @typedef {UserRef & {about?: string, avatar_url?: string|null, created_at?: string}} User */
/**
 * A direct conversation has the other person's name, and them as `user`. read, newest: ids of events.
 * @typedef {{
 *   id: number, kind: "open"|"closed"|"direct", name: string, topic?: string, user?: UserRef, owner?: UserRef|null,
 *   joined: boolean, read: number|null, unread: number, mentions: number, newest: number, last?: object,
 *   members?: number, max_members?: number|null, connections?: number, messages?: number,
 *   created_at?: string, expires?: string|null, expires_at?: string|null,
 * }} Room
 */
/**
 * @typedef {{state: string, transport: "sse"|"long-poll"|null, retryAt: number|null, leader: boolean}} ConnectionState
 */

/** The user. undefined: not known yet; null: signed out. @type {Signal<User|null|undefined>} */
export const me = signal(undefined);
/** By id. @type {Signal<Map<number, Room>>} */
export const rooms = signal(new Map());
export const roomsLoaded = signal(false);
/** The room that is open. @type {Signal<number|null>} */
export const currentRoomId = signal(null);
/** The message that the address names. @type {Signal<number|null>} */
export const linkedMessageId = signal(null);
/**
 * How events reach this browser. retryAt: when the next attempt is due, in ms since 1970.
 * @type {Signal<ConnectionState>}
 */
export const connection = signal({ state: "connecting", transport: null, retryAt: null, leader: false });
export const isConnected = computed(() => connection.value.state === "live");
/** Room id -> user id -> {name, until}. @type {Signal<Map<number, Map<number, {name: string, until: number}>>>} */
export const typing = signal(new Map());
/** Room id -> ids of the users who are present. @type {Signal<Map<number, Set<number>>>} */
export const presence = signal(new Map());
/** The room whose newest messages are on the screen: its messages are read as they arrive, and never counted as unread.
 *  @type {Signal<number|null>} */
export const roomInView = signal(null);
/** The cursor from which on events are received. Everything that is loaded later is newer. null: nobody is signed in.
 *  @type {Signal<number|null>} */
export const startCursor = signal(null);

/** @type {ReadonlySignal<Room|undefined>} */
export const currentRoom = computed(() => rooms.value.get(currentRoomId.value ?? 0));

/** The id of the user, 0 if nobody is signed in. */
export const myId = computed(() => me.value?.id ?? 0);
