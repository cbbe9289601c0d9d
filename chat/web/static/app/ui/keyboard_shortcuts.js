// Keyboard shortcuts of the page. shortcuts_dialog.js lists them.

import { openRoom } from "../core/router.js";
import { currentRoomId } from "../core/store.js";
import { dialog, openDialog } from "./common/dialog_state.js";
import { NARROW, drawerOpen, memberPanelOpen, toggleMemberPanel } from "./common/panel_state.js";
import { hasMod } from "./common/platform.js";
import { levelOf } from "./notifications/notification_levels.js";
import { conversations, joinedRooms } from "./rooms/room_lists.js";

/** Returns a function that stops it. */
export function startShortcuts() {
  addEventListener("keydown", onKeyDown);
  return () => removeEventListener("keydown", onKeyDown);
}

function onKeyDown(event) {
  const action = event.isComposing ? undefined : actionOf(event);
  if (!action) return;
  event.preventDefault();
  action();
}

/** What a key does, if anything. */
function actionOf(event) {
  if (hasMod(event) && !event.altKey && isK(event)) return () => openDialog("switcher");
  if (dialog.value || event.defaultPrevented) return undefined;
  if (event.altKey && !hasMod(event)) return altAction(event);
  if (event.key === "Escape") return escapeAction();
  if (hasMod(event) || isTextField(event.target)) return undefined;
  return { "?": () => openDialog("shortcuts"), "/": () => openDialog("search", {}) }[event.key];
}

/** By its letter, or by its place if the keyboard has letters of another script. */
function isK({ key, code }) {
  return key.toLowerCase() === "k" || (code === "KeyK" && !/\p{Script=Latin}/u.test(key));
}

function altAction({ key, code, shiftKey }) {
  if (key === "ArrowDown") return () => stepRoom(1, shiftKey);
  if (key === "ArrowUp") return () => stepRoom(-1, shiftKey);
  return code === "KeyM" ? toggleMemberPanel : undefined;
}

function isTextField(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

/** Closes the drawer, or else the member panel if it covers the messages or has the focus. */
function escapeAction() {
  if (drawerOpen.value) return () => (drawerOpen.value = false);
  const isInPanel = () => document.activeElement?.closest(".member-panel");
  return memberPanelOpen.value && (NARROW.matches || isInPanel()) ? toggleMemberPanel : undefined;
}

/**
 * To the next room of the sidebar, after the last one to the first.
 * @param {1|-1} direction
 * @param {boolean} isUnreadOnly
 */
function stepRoom(direction, isUnreadOnly) {
  const all = [...joinedRooms.value, ...conversations.value];
  const current = all.findIndex((room) => room.id === currentRoomId.value);
  const start = current < 0 && direction < 0 ? 0 : current;
  const isUnread = (room) => room.unread > 0 && levelOf(room) !== "nothing";
  for (let steps = 1; steps <= all.length; steps += 1) {
    const room = all[(((start + direction * steps) % all.length) + all.length) % all.length];
    if (room.id !== currentRoomId.value && (!isUnreadOnly || isUnread(room))) return openRoom(room.id);
  }
  return undefined;
}
