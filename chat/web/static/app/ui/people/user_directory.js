// The users that the page knows, with their pictures: loaded once, and one by one for those who turn up later.

import { signal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";

/** @import {Signal} from "../../../vendor/ui.js" */
/** @import {User} from "../../core/store.js" */

const MOST = 500;

/** By id. @type {Signal<Map<number, User>>} */
export const users = signal(new Map());
/** Ids of users that were requested one by one. @type {Set<number>} */
const requested = new Set();

export async function loadUsers() {
  users.value = new Map((await call("GET", `/users?limit=${MOST}`)).map((user) => [user.id, user]));
}

export function forgetUsers() {
  users.value = new Map();
  requested.clear();
}

/** @param {User} user */
export function setUser(user) {
  users.value = new Map(users.value).set(user.id, user);
}

/** The user if they are known. Else they are requested, once. @param {number} id @returns {User|undefined} */
export function userOf(id) {
  const user = users.value.get(id);
  if (!user && users.value.size && !requested.has(id)) {
    requested.add(id);
    loadUser(id);
  }
  return user;
}

/** @param {number} id */
export async function loadUser(id) {
  await call("GET", `/user/${id}`).then(setUser, () => undefined); // the page works with what it knows
}
