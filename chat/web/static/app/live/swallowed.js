// That something on the way keeps streams to itself is remembered for a while, so that the next page need not find it out anew.

const KEY = "chat.swallowed";
const REMEMBERED_MS = 60 * 60_000;

export function lately() {
  return Date.now() - Number(localStorage.getItem(KEY) ?? 0) < REMEMBERED_MS;
}

export function remember() {
  localStorage.setItem(KEY, String(Date.now()));
}

export function forget() {
  localStorage.removeItem(KEY);
}
