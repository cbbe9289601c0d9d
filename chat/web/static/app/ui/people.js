/** Who there is, with their pictures: asked once, and again for whoever turns up later. */
import { signal } from "../../vendor/ui.js";
import { call } from "../core/api.js";

const MOST = 500;

/** @type {{value: Map<number, {id: number, name: string, avatar_url: string|null, about: string}>}} */
export const people = signal(new Map());
const asked = new Set();

export async function loadPeople() {
  people.value = new Map((await call("GET", `/users?limit=${MOST}`)).map((user) => [user.id, user]));
}

export function forgetPeople() {
  people.value = new Map();
  asked.clear();
}

export function setPerson(user) {
  people.value = new Map(people.value).set(user.id, user);
}

/** What is known of a person by now; whoever is not known is asked for, once. */
export function personOf(id) {
  const known = people.value.get(id);
  if (!known && people.value.size && !asked.has(id)) ask(id);
  return known;
}

function ask(id) {
  asked.add(id);
  call("GET", `/user/${id}`).then(setPerson, () => undefined);
}
