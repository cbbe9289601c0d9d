// What the shell says, the page's HTML: where the log was when it was made, and which answers the browser asks for while the script comes.

import { BASE } from "./api.js";

const MESSAGES = /^\/room\/(\d+)\/messages\?/;

/** Once: what the shell had the browser ask for is newer than its cursor, but gets old. messages: of the room that is opened, where one
 *  is in it. @returns {{cursor: number|null, messages: {room: number, path: string}|null}} */
export function takeShell() {
  const { dataset } = document.documentElement;
  const cursor = Number(dataset.cursor) || null;
  delete dataset.cursor;
  const asked = Array.from(document.querySelectorAll("link[rel=preload]"), (link) => link.getAttribute("href").slice(BASE.length));
  const path = cursor && asked.find((each) => MESSAGES.test(each));
  return { cursor, messages: path ? { room: Number(MESSAGES.exec(path)[1]), path } : null };
}
