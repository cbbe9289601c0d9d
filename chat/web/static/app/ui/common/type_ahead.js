// Keys that are typed while a dialog is loading. They are meant for its field, not for what still has the focus.

import { closeDialog } from "./dialog_state.js";

let text = "";

export function bufferKeys() {
  addEventListener("keydown", onKeyDown, { capture: true });
}

/** Stops buffering. Returns the text that was typed. */
export function takeBufferedText() {
  removeEventListener("keydown", onKeyDown, { capture: true });
  const taken = text;
  text = "";
  return taken;
}

function onKeyDown(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !bufferKey(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Returns whether the key was meant for the dialog. */
function bufferKey(key) {
  if (key.length === 1) text += key;
  else if (key === "Backspace") text = text.slice(0, -1);
  else if (key === "Escape") closeDialog();
  else return key === "Enter"; // there is nothing yet that it could choose or send
  return true;
}
