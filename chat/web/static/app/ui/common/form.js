// Forms that show a problem at its field, in the service's words, and focus the first invalid field.

import { html, useEffect, useId, useRef, useSignal } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { showToast } from "../../core/toasts.js";
import { capitalize, problemMessage, withPeriod } from "./problem_messages.js";

/** @import {Ref, Signal} from "../../../vendor/ui.js" */
/**
 * @typedef {{problem: Signal<Problem|null>, busy: Signal<boolean>, props: {ref: Ref<any>, onSubmit: (event: any) =>
 *   void, noValidate: true}}} Form
 */

/**
 * `save` gets the values of the fields. A Problem that it throws is shown.
 * @param {(values: Record<string, any>) => Promise<unknown>} save @returns {Form}
 */
export function useForm(save) {
  const problem = useSignal(/** @type {Problem|null} */ (null));
  const busy = useSignal(false);
  const ref = useRef(/** @type {HTMLFormElement|null} */ (null));
  useEffect(() => focusInvalid(ref.current), [problem.value]);
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await save(Object.fromEntries(new FormData(event.target)));
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = false;
    }
  };
  return { problem, busy, props: { ref, onSubmit, noValidate: true } };
}

/** @param {HTMLFormElement|null} form */
function focusInvalid(form) {
  /** @type {HTMLElement|null|undefined} */ (form?.querySelector("[aria-invalid=true]"))?.focus();
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  throw error;
}

/** The service says what a value is; the user who typed something else reads what it must be. */
const asRequirement = (detail) =>
  detail.replace(/^is (?=a (?:whole )?number )/, "must be ").replace(/^has /, "must have ");

/** The message for one field, or "". */
function fieldMessage(problem, name, label) {
  const error = problem?.errors?.find((each) => each.field === name);
  if (!error) return "";
  return withPeriod(error.whole ? capitalize(error.detail) : `${label} ${asRequirement(error.detail)}`);
}

/**
 * A labelled control with its hint and its problem. as: "input", "textarea" or "select" with the options as children.
 * @param {{form: Form, name: string, label: string, hint?: string, as?: string, children?: any} & Record<string, any>}
 *   props
 */
export function Field({ form, name, label, hint, as = "input", children, ...rest }) {
  const id = useId();
  const error = fieldMessage(form.problem.value, name, label);
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  const aria = { "aria-invalid": error ? "true" : undefined, "aria-describedby": described };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <${as} id=${id} name=${name} ...${aria} ...${rest}>${children}</${as}>
    ${error && html`<p class="error" id="${id}-error">${error}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/**
 * The problem of the whole form, if it is about none of the fields that are shown.
 * @param {{form: Form, fields?: string[]}} props
 */
export function FormProblem({ form, fields = [] }) {
  const problem = form.problem.value;
  const isAtFields = problem?.errors?.length && problem.errors.every((error) => fields.includes(error.field));
  return html`<p class="error whole" role="alert">${problem && !isAtFields ? problemMessage(problem) : ""}</p>`;
}

/** @param {{form: Form, children?: any, danger?: boolean}} props */
export function SubmitButton({ form, children, danger }) {
  return html`<button class=${danger ? "danger" : "primary"} aria-disabled=${form.busy.value}>${children}</button>`;
}

/**
 * A call without a form: a toast shows the notice, or the problem. @returns whether it succeeded
 * @param {string} method @param {string} path @param {string} [notice]
 */
export async function callWithToast(method, path, notice) {
  try {
    await call(method, path);
  } catch (error) {
    showToast(problemMessage(asProblem(error)));
    return false;
  }
  if (notice) showToast(notice);
  return true;
}

/**
 * Asks before it does what cannot be undone.
 * @param {{label: string, question: string, onConfirm: () => void, className?: string}} props
 */
export function ConfirmButton({ label, question, onConfirm, className = "" }) {
  const isAsking = useSignal(false);
  const onClick = () => {
    isAsking.value = !isAsking.value;
    if (!isAsking.value) onConfirm();
  };
  const classes = `${className} ${isAsking.value ? "danger" : ""}`;
  return html`<button type="button" class=${classes} onClick=${onClick} onBlur=${() => (isAsking.value = false)}>
    ${isAsking.value ? question : label}
  </button>`;
}
