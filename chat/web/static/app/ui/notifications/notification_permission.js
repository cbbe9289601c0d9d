// Whether this browser may show notifications, and whether the user wants them. Stored in the browser, for each user
// who signs in here.

import { computed, signal } from "../../../vendor/ui.js";
import { myId } from "../../core/store.js";

const PREFIX = "chat.notify";
const UNSUPPORTED_KEY = `${PREFIX}.unable`;
const enabledKey = () => `${PREFIX}.wanted.${myId.value}`;

/** Counts the changes of stored settings, here and in other tabs. */
const changes = signal(0);
const isPermitted = signal(globalThis.Notification?.permission === "granted");

/** Whether the browser has shown that it cannot notify. Its next version may. */
export const isUnsupported = computed(() =>
  readSetting(UNSUPPORTED_KEY) === navigator.userAgent || !("Notification" in globalThis));
/** Whether the user has turned notifications on, and the browser may show them. */
export const isEnabled = computed(() =>
  readSetting(enabledKey()) === "yes" && !isUnsupported.value && isPermitted.value);

addEventListener("storage", ({ key }) => {
  if (!key || key.startsWith(PREFIX)) changes.value += 1;
});

/** A stored setting. A computed signal that reads it is computed again when settings change. @param {string} key */
export function readSetting(key) {
  void changes.value;
  return localStorage.getItem(key);
}

/** @param {string} key @param {string} value */
export function writeSetting(key, value) {
  localStorage.setItem(key, value);
  changes.value += 1;
}

/** Asks the browser for permission. @returns {Promise<boolean>} whether it was granted */
export async function enableNotifications() {
  // Shows nothing without permission, but finds out whether it is supported.
  if (Notification.permission === "default") tryToNotify("");
  isPermitted.value = !isUnsupported.value && (await Notification.requestPermission()) === "granted";
  if (isPermitted.value) writeSetting(enabledKey(), "yes");
  return isPermitted.value;
}

export function disableNotifications() {
  writeSetting(enabledKey(), "no");
}

/**
 * A phone's browser has the constructor, but throws a TypeError: there notifications need a service worker.
 * @param {string} title @param {NotificationOptions} [options] @returns {Notification|null}
 */
export function tryToNotify(title, options) {
  try {
    return new Notification(title, options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    writeSetting(UNSUPPORTED_KEY, navigator.userAgent);
    return null;
  }
}
