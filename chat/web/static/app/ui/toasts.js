/** What is said for a moment, and gone after a while; longer where something can be done about it. */
import { html, useEffect } from "../../vendor/ui.js";
import { dropToast, toasts } from "../core/store.js";
import { covering } from "./dialogs/open.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 6000;
const WITH_ACTION_MS = 12000;

/** On the page, or inside the dialog that covers it: nothing else is above that and can be used. */
export function Toasts({ inside = false }) {
  if (inside !== covering.value > 0) return null;
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}
  </div>`;
}

function Toast({ toast: { id, text, action } }) {
  useEffect(() => {
    const timer = setTimeout(dropToast, action ? WITH_ACTION_MS : SHOWN_MS, id);
    return () => clearTimeout(timer);
  }, [id]);
  const act = () => {
    dropToast(id);
    action.run();
  };
  return html`<div class="toast">
    <span>${text}</span>
    ${action && html`<button type="button" class="link" onClick=${act}>${action.label}</button>`}
    <button type="button" class="quiet-button" aria-label="Dismiss" onClick=${() => dropToast(id)}><${Icon} name="close" /></button>
  </div>`;
}
