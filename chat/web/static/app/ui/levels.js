/** What one wants to be told of, by room: everything, mentions, or nothing. Kept in this browser, for each who signs in here. */
import { computed, signal } from "../../vendor/ui.js";
import { me } from "../core/store.js";

/** @typedef {"all"|"mentions"|"nothing"} Level */
const KEPT = "chat.notify";
const UNABLE = `${KEPT}.unable`;
export const LEVELS = [["all", "Every message"], ["mentions", "Mentions only"], ["nothing", "Nothing"]];

const levelsKey = () => `${KEPT}.levels.${me.value?.id}`;
const wantedKey = () => `${KEPT}.wanted.${me.value?.id}`;
/** Counts the changes of what is kept, here and in other tabs. */
const changes = signal(0);
const allowed = signal(globalThis.Notification?.permission === "granted");

const levels = computed(() => JSON.parse(kept(levelsKey()) ?? "{}"));
/** Whether the browser has shown that it cannot notify. Its next version may. */
export const unable = computed(() => kept(UNABLE) === navigator.userAgent || !("Notification" in globalThis));
/** Whether notifications were asked for, and the browser may show them. */
export const wanted = computed(() => kept(wantedKey()) === "yes" && !unable.value && allowed.value);

addEventListener("storage", ({ key }) => {
  if (!key || key.startsWith(KEPT)) changes.value += 1;
});

function kept(key) {
  changes.value; // whoever asks hears of changes
  return localStorage.getItem(key);
}

function keep(key, value) {
  localStorage.setItem(key, value);
  changes.value += 1;
}

/** Unless told otherwise: conversations always, rooms when one is mentioned. @returns {Level} */
export function levelOf(room) {
  return levels.value[room.id] ?? (room.kind === "direct" ? "all" : "mentions");
}

/** @param {Level} level */
export function setLevel(id, level) {
  keep(levelsKey(), JSON.stringify({ ...levels.value, [id]: level }));
}

/** Asks the browser for leave. Answers whether it was given. */
export async function wantNotifications() {
  if (Notification.permission === "default") tryToNotify(""); // without leave nothing is seen of it, but whether it could be
  allowed.value = !unable.value && (await Notification.requestPermission()) === "granted";
  if (allowed.value) keep(wantedKey(), "yes");
  return allowed.value;
}

export function wantNone() {
  keep(wantedKey(), "no");
}

/** A phone's browser has the name but not the thing: there it takes a service worker, and throws a TypeError. */
export function tryToNotify(title, options) {
  try {
    return new Notification(title, options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    keep(UNABLE, navigator.userAgent);
    return null;
  }
}
