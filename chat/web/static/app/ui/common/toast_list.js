// Draws toasts and dismisses them after a while, later if they offer an action.

import { html, useEffect } from "../../../vendor/ui.js";
import { dismissToast, toasts } from "../../core/toasts.js";
import { openDialogs } from "./dialog_state.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 6000;
const WITH_ACTION_MS = 12000;

/** On the page, or inside the dialog that covers it: nothing else can be used above a modal dialog. */
export function ToastList({ inside = false }) {
  if (inside !== openDialogs.value > 0) return null;
  return html`<div class="toast-list" role="status" aria-live="polite">
    ${toasts.value.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}
  </div>`;
}

function Toast({ toast: { id, text, action } }) {
  useEffect(() => {
    const timer = setTimeout(dismissToast, action ? WITH_ACTION_MS : SHOWN_MS, id);
    return () => clearTimeout(timer);
  }, [id]);
  const run = () => {
    dismissToast(id);
    action.run();
  };
  const dismiss = () => dismissToast(id);
  return html`<div class="toast">
    <span>${text}</span>
    ${action && html`<button type="button" class="link" onClick=${run}>${action.label}</button>`}
    <button type="button" class="quiet-button" aria-label="Dismiss" onClick=${dismiss}><${Icon} name="close" /></button>
  </div>`;
}
