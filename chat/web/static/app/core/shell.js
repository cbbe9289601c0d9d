// What the shell, the page's HTML, tells the script: the log's cursor when the shell was made, and the responses that
// the browser preloads.

import { BASE } from "./api.js";

const MESSAGES = /^\/room\/(\d+)\/messages\?/;

/**
 * Only once: the preloaded responses are newer than the cursor, but get old. messages: of the room that is opened, if
 * the user is in it.
 * @returns {{cursor: number|null, messages: {room: number, path: string}|null}}
 */
export function takeShell() {
  const { dataset } = document.documentElement;
  const cursor = Number(dataset.cursor) || null;
  delete dataset.cursor;
  const links = document.querySelectorAll("link[rel=preload]");
  const paths = Array.from(links, (link) => (link.getAttribute("href") ?? "").slice(BASE.length));
  const path = cursor ? paths.find((each) => MESSAGES.test(each)) : undefined;
  return { cursor, messages: path ? { room: Number(MESSAGES.exec(path)?.[1]), path } : null };
}
