// Which dialog is open: one at a time. The focus returns to where it was before the first one.

import { signal } from "../../../vendor/ui.js";

/** @type {import("../../../vendor/ui.js").Signal<{name: string, props: object}|null>} */
export const dialog = signal(null);
/** How many modal dialogs cover the page: what is outside of them can be neither used nor announced. */
export const openDialogs = signal(0);
/** @type {Element|null} */
let opener = null;

/** @param {string} name a key of DIALOGS (ui/dialogs.js) @param {object} [props] */
export function openDialog(name, props = {}) {
  if (!dialog.value) opener = document.activeElement;
  dialog.value = { name, props };
}

export function closeDialog() {
  if (!dialog.value) return;
  dialog.value = null;
  requestAnimationFrame(restoreFocus);
}

function restoreFocus() {
  const isUsable = opener?.isConnected && opener !== document.body;
  const target = /** @type {HTMLElement|null} */ (isUsable ? opener : document.querySelector("main textarea"));
  opener = null;
  if (dialog.value) return;
  // Chromium leaves a field under a dialog its focus, but accepts no letters in it until it gets the focus again.
  target?.blur();
  target?.focus();
}
