/** What one wants to be told of, by room: everything, mentions, or nothing. Kept in this browser. */
import { signal } from "../../vendor/ui.js";

/** @typedef {"all"|"mentions"|"nothing"} Level */
const KEPT = "notify";
const ASKED = "notify-wanted";
export const LEVELS = [["all", "Every message"], ["mentions", "Mentions only"], ["nothing", "Nothing"]];

const levels = signal(JSON.parse(localStorage.getItem(KEPT) ?? "{}"));
/** Whether notifications were asked for, and the browser may show them. */
export const wanted = signal(localStorage.getItem(ASKED) === "yes" && allowed());

addEventListener("storage", ({ key, newValue }) => {
  if (key === KEPT) levels.value = JSON.parse(newValue ?? "{}");
  if (key === ASKED) wanted.value = newValue === "yes" && allowed();
});

function allowed() {
  return globalThis.Notification?.permission === "granted";
}

/** Unless told otherwise: conversations always, rooms when one is mentioned. @returns {Level} */
export function levelOf(room) {
  return levels.value[room.id] ?? (room.kind === "direct" ? "all" : "mentions");
}

/** @param {Level} level */
export function setLevel(id, level) {
  levels.value = { ...levels.value, [id]: level };
  localStorage.setItem(KEPT, JSON.stringify(levels.value));
}

export function canNotify() {
  return "Notification" in globalThis;
}

/** Asks the browser for leave. Answers whether it was given. */
export async function wantNotifications() {
  if ((await Notification.requestPermission()) !== "granted") return false;
  localStorage.setItem(ASKED, "yes");
  return (wanted.value = true);
}

export function wantNone() {
  localStorage.setItem(ASKED, "no");
  wanted.value = false;
}
