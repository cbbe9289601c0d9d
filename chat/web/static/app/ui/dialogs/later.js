/** The dialog that is open. Dialogs are no part of what the page needs to stand: they are fetched when it does, or when one is asked for. */
import { effect, html, signal } from "../../../vendor/ui.js";
import { toast } from "../../core/store.js";
import { closeDialog, dialog } from "./open.js";

const dialogs = signal(null);
let fetching = null;

/** Whether they are there, or came. What fails is tried again by the next one that asks. */
export function fetchDialogs() {
  fetching ??= import("./index.js").then(
    (found) => void (dialogs.value = found.DIALOGS),
    () => void (fetching = null),
  );
  return fetching;
}

effect(() => {
  if (dialog.value && !dialogs.value) fetchDialogs().then(() => dialogs.value || giveUp());
});

/** Without a connection, or where another deploy has answered. */
function giveUp() {
  closeDialog();
  toast("That could not be loaded.", { action: { label: "Load the page anew", run: () => location.reload() } });
}

export function Dialogs() {
  if (!dialog.value || !dialogs.value) return null;
  const { name, props } = dialog.value;
  return html`<${dialogs.value[name]} key=${name} ...${props} />`;
}
