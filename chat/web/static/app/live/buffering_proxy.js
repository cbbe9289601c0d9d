// Remembers for a while that a proxy on the way buffers streams, so that the next page does not have to find out again.

const KEY = "chat.swallowed";
const REMEMBERED_MS = 60 * 60_000;

export function isProxyBuffering() {
  return Date.now() - Number(localStorage.getItem(KEY) ?? 0) < REMEMBERED_MS;
}

export function rememberBufferingProxy() {
  localStorage.setItem(KEY, String(Date.now()));
}

export function forgetBufferingProxy() {
  localStorage.removeItem(KEY);
}
