/** The frame of every dialog: a native modal <dialog>, which keeps the focus inside; Esc and a click beside close it. */
import { html, useId, useLayoutEffect, useRef } from "../../../vendor/ui.js";
import { Icon } from "../icon.js";
import { Toasts } from "../toasts.js";
import { closeDialog, covering } from "./open.js";
import { takeTyped } from "./typed.js";

/** @param {{title: string, wide?: boolean, className?: string, children: any}} props */
export function Dialog({ title, className = "", children }) {
  const box = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = box.current;
    shown.showModal();
    covering.value += 1;
    fill(document.activeElement, takeTyped());
    return () => {
      covering.value -= 1;
      shown.close();
    };
  }, []);
  // The close button comes last, so that the first field gets the focus.
  return html`<dialog ref=${box} class="dialog ${className}" aria-labelledby=${id} onCancel=${cancel} onKeyDown=${escape} onPointerDown=${beside}>
    <div class="sheet">
      <h2 id=${id}>${title}</h2>
      ${children}
      <button type="button" class="quiet-button close" aria-label="Close" onClick=${closeDialog}><${Icon} name="close" /></button>
    </div>
    <${Toasts} inside />
  </dialog>`;
}

/** As if it were typed there. */
function fill(field, text) {
  if (!text || !field.matches("input:is([type=text], [type=search])")) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function cancel(event) {
  if (event.target !== event.currentTarget) return; // a file chooser's, from inside
  event.preventDefault();
  closeDialog();
}

/** Also from a search field, whose own use of the key would only empty it. */
function escape(event) {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  event.preventDefault();
  closeDialog();
}

function beside(event) {
  if (event.target === event.currentTarget) closeDialog();
}
