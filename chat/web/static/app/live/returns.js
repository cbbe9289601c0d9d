// What has no place in the log is not told again after an absence: whoever shows it has to look again.

import { effect, untracked } from "../../vendor/ui.js";
import { link } from "../core/store.js";

const listeners = new Set();
let away = false;

/** Called when events come again after they did not. Returns what ends it. */
export function onReturn(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

effect(() => {
  const { state } = link.value;
  if (state === "away" || state === "waiting") away = true;
  if (state !== "live" || !away) return;
  away = false;
  untracked(() => listeners.forEach((listener) => listener()));
});
