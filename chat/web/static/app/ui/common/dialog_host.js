// Shows the dialog that is open, as soon as the dialogs are loaded.

import { effect, html } from "../../../vendor/ui.js";
import { showToast } from "../../core/toasts.js";
import { closeDialog, dialog } from "./dialog_state.js";
import { deferred, loadDeferred } from "./load_deferred.js";
import { bufferKeys, takeBufferedText } from "./type_ahead.js";

effect(() => {
  if (!dialog.value) takeBufferedText();
  else if (!deferred.value) loadDialogs();
});

async function loadDialogs() {
  bufferKeys();
  await loadDeferred();
  if (!deferred.value) onLoadFailed();
}

/** There is no connection, or the response came from another deploy. */
function onLoadFailed() {
  closeDialog();
  const action = { label: "Load the page anew", run: () => location.reload() };
  showToast("That could not be loaded.", { action });
}

export function DialogHost() {
  if (!dialog.value || !deferred.value) return null;
  const { name, props } = dialog.value;
  return html`<${deferred.value.DIALOGS[name]} key=${name} ...${props} />`;
}
