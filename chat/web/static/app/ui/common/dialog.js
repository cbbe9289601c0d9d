// The frame of every dialog: a native modal <dialog>, which keeps the focus inside. Esc and a click outside close it.

import { html, useId, useLayoutEffect, useRef } from "../../../vendor/ui.js";
import { closeDialog, openDialogs } from "./dialog_state.js";
import { Icon } from "./icon.js";
import { ToastList } from "./toast_list.js";
import { takeBufferedText } from "./type_ahead.js";

/** @param {{title: string, className?: string, children?: any}} props */
export function Dialog({ title, className = "", children }) {
  const ref = useRef(/** @type {HTMLDialogElement|null} */ (null));
  const id = useId();
  useLayoutEffect(() => show(/** @type {HTMLDialogElement} */ (ref.current)), []);
  const handlers = { onCancel, onKeyDown, onPointerDown };
  // The close button comes last, so that the first field gets the focus.
  return html`<dialog ref=${ref} class="dialog ${className}" aria-labelledby=${id} ...${handlers}>
    <div class="sheet">
      <h2 id=${id}>${title}</h2>
      ${children}
      <button type="button" class="quiet-button close" aria-label="Close" onClick=${closeDialog}>
        <${Icon} name="close" />
      </button>
    </div>
    <${ToastList} inside />
  </dialog>`;
}

/** @param {HTMLDialogElement} element */
function show(element) {
  element.showModal();
  openDialogs.value += 1;
  fill(document.activeElement, takeBufferedText());
  return () => {
    openDialogs.value -= 1;
    element.close();
  };
}

/** Enters the text as if it were typed. */
function fill(field, text) {
  if (!text || !field.matches("input:is([type=text], [type=search])")) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function onCancel(event) {
  if (event.target !== event.currentTarget) return; // of a file chooser inside
  event.preventDefault();
  closeDialog();
}

/** Also in a search field, where the browser would only empty it. */
function onKeyDown(event) {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  event.preventDefault();
  closeDialog();
}

function onPointerDown(event) {
  if (event.target === event.currentTarget) closeDialog();
}
