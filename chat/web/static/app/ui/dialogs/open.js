/** Which dialog is open: one at a time, and the focus goes back to where it was before the first. */
import { signal } from "../../../vendor/ui.js";

/** @type {{value: {name: string, props: object}|null}} */
export const dialog = signal(null);
/** How many cover the page: what is beside them can be neither used nor heard. */
export const covering = signal(0);
let opener = null;

export function openDialog(name, props = {}) {
  if (!dialog.value) opener = document.activeElement;
  dialog.value = { name, props };
}

export function closeDialog() {
  if (!dialog.value) return;
  dialog.value = null;
  requestAnimationFrame(giveBack);
}

function giveBack() {
  const target = opener?.isConnected && opener !== document.body ? opener : document.querySelector("main textarea");
  opener = null;
  if (dialog.value) return;
  target?.blur(); // under a dialog Chromium leaves a field its focus, and takes no letters in it until it gets it anew
  target?.focus();
}
