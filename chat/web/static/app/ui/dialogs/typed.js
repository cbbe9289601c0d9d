/** What is typed between asking for a dialog and its being there: meant for its field, and not for what has the focus still. */
import { closeDialog } from "./open.js";

let typed = "";

export function keepTyped() {
  addEventListener("keydown", keep, { capture: true });
}

/** Ends it, and answers what was typed. */
export function takeTyped() {
  removeEventListener("keydown", keep, { capture: true });
  const text = typed;
  typed = "";
  return text;
}

function keep(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !take(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Whether the key was for the dialog. */
function take(key) {
  if (key.length === 1) typed += key;
  else if (key === "Backspace") typed = typed.slice(0, -1);
  else if (key === "Escape") closeDialog();
  else return key === "Enter"; // there is nothing yet that it could choose, or send
  return true;
}
