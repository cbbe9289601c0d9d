/** The keyboard: every way to get about without a mouse. The list that `?` shows is in dialogs/shortcuts.js. */
import { openRoom } from "../core/route.js";
import { currentId } from "../core/store.js";
import { dialog, openDialog } from "./dialogs/open.js";
import { NARROW, drawer, panel, togglePanel } from "./drawer.js";
import { levelOf } from "./levels.js";
import { APPLE, conversations, joinedRooms } from "./sidebar.js";

export function listenForKeys() {
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function onKey(event) {
  const act = event.isComposing ? undefined : meant(event);
  if (!act) return;
  event.preventDefault();
  act();
}

/** What a key stands for here and now, if anything. */
function meant(event) {
  const mod = APPLE ? event.metaKey : event.ctrlKey;
  if (mod && !event.altKey && isK(event)) return () => openDialog("switcher");
  if (dialog.value || event.defaultPrevented) return undefined;
  if (event.altKey && !mod) return withAlt(event);
  if (event.key === "Escape") return escape();
  if (mod || writes(event.target)) return undefined;
  return { "?": () => openDialog("shortcuts"), "/": () => openDialog("search", {}) }[event.key];
}

/** By its letter; by its place where the keyboard has letters of another script. */
function isK({ key, code }) {
  return key.toLowerCase() === "k" || (code === "KeyK" && !/\p{Script=Latin}/u.test(key));
}

function withAlt({ key, code, shiftKey }) {
  if (key === "ArrowDown") return () => step(1, shiftKey);
  if (key === "ArrowUp") return () => step(-1, shiftKey);
  return code === "KeyM" ? togglePanel : undefined;
}

function writes(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

/** The drawer, then the members where they lie over the messages. */
function escape() {
  if (drawer.value) return () => (drawer.value = false);
  if (panel.value && (NARROW.matches || document.activeElement.closest(".panel"))) return togglePanel;
  return undefined;
}

/** To the next room of the sidebar, round its end. */
function step(way, onlyUnread) {
  const all = [...joinedRooms.value, ...conversations.value];
  const from = all.findIndex((room) => room.id === currentId.value);
  const wanted = (room) => room.id !== currentId.value && (!onlyUnread || (room.unread > 0 && levelOf(room) !== "nothing"));
  for (let far = 1; far <= all.length; far += 1) {
    const room = all.at((((from < 0 && way < 0 ? 0 : from) + way * far) % all.length + all.length) % all.length);
    if (wanted(room)) return openRoom(room.id);
  }
  return undefined;
}
