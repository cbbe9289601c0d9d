// Whether the first paint is done. Then there is time for what can wait: date formatters (the first takes a slow phone
// 0.1 s), a hidden sidebar, dialogs, pictures.

import { signal } from "../../../vendor/ui.js";

const FIRST_MS = 150; // belong to the reader
const IDLE_MS = 50; // if the browser does not report when it is idle

export const firstPaintDone = signal(false);

const whenIdle = globalThis.requestIdleCallback ?? ((callback) => setTimeout(callback, IDLE_MS));
let isPainted = false;

/** Content is on the page. */
export function markPainted() {
  if (isPainted) return;
  isPainted = true;
  setTimeout(() => whenIdle(() => (firstPaintDone.value = true), { timeout: 500 }), FIRST_MS);
}
