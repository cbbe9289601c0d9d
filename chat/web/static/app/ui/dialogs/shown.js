/** The dialog that is open, as soon as dialogs are there. */
import { effect, html } from "../../../vendor/ui.js";
import { toast } from "../../core/store.js";
import { fetchLater, later } from "../later.js";
import { closeDialog, dialog } from "./open.js";
import { keepTyped, takeTyped } from "./typed.js";

effect(() => {
  if (!dialog.value) takeTyped();
  else if (!later.value) waitForIt();
});

function waitForIt() {
  keepTyped();
  fetchLater().then(() => later.value || giveUp());
}

/** Without a connection, or where another deploy has answered. */
function giveUp() {
  closeDialog();
  toast("That could not be loaded.", { action: { label: "Load the page anew", run: () => location.reload() } });
}

export function Dialogs() {
  if (!dialog.value || !later.value) return null;
  const { name, props } = dialog.value;
  return html`<${later.value.DIALOGS[name]} key=${name} ...${props} />`;
}
