/** Forms that name the problem at its field: the service's own words, the first wrong field focused. */
import { html, useEffect, useId, useRef, useSignal } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { toast } from "../core/store.js";
import { capital, ended, sentence } from "./sentences.js";

/**
 * `save` gets the fields' values; what it throws as a Problem is shown.
 * @param {(values: Record<string, any>) => Promise<void>} save
 */
export function useForm(save) {
  const problem = useSignal(null);
  const busy = useSignal(false);
  const ref = useRef(null);
  useEffect(() => ref.current?.querySelector("[aria-invalid=true]")?.focus(), [problem.value]);
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await save(Object.fromEntries(new FormData(event.target)));
    } catch (error) {
      problem.value = shown(error);
    } finally {
      busy.value = false;
    }
  };
  return { problem, busy, props: { ref, onSubmit, noValidate: true } };
}

function shown(error) {
  if (error instanceof Problem) return error;
  throw error;
}

/** The service says what a value is: to whoever wrote another one, what it must be. */
const asked = (detail) => detail.replace(/^is (?=a (?:whole )?number )/, "must be ").replace(/^has /, "must have ");

/** The words for one field, or "". */
function wrong(problem, name, label) {
  const found = problem?.errors?.find((error) => error.field === name);
  return found ? ended(found.whole ? capital(found.detail) : `${label} ${asked(found.detail)}`) : "";
}

/** A labelled control with its hint and its problem; `as` is "input", "textarea" or a select's options as children. */
export function Field({ form, name, label, hint, as = "input", children, ...rest }) {
  const id = useId();
  const error = wrong(form.problem.value, name, label);
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <${as} id=${id} name=${name} aria-invalid=${error ? "true" : undefined} aria-describedby=${described} ...${rest}>${children}</${as}>
    ${error && html`<p class="wrong" id="${id}-error">${error}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** What is wrong with the whole, where no field that is shown is to blame. */
export function Wrong({ form, fields = [] }) {
  const problem = form.problem.value;
  const named = problem?.errors?.length && problem.errors.every((error) => fields.includes(error.field));
  return html`<p class="wrong whole" role="alert">${problem && !named ? sentence(problem) : ""}</p>`;
}

/** Sends the form; says that it is under way. */
export function Submit({ form, children, danger }) {
  return html`<button class=${danger ? "danger" : "primary"} aria-disabled=${form.busy.value}>${children}</button>`;
}

/** A call that needs no form: says how it went, or only what went wrong. Answers whether it went well. */
export async function done(method, path, word) {
  try {
    await call(method, path);
  } catch (error) {
    toast(sentence(shown(error)));
    return false;
  }
  if (word) toast(word);
  return true;
}

/** Asks once more before it does what cannot be undone. */
export function Sure({ label, sure, onSure, className = "" }) {
  const asking = useSignal(false);
  const act = () => (asking.value ? ((asking.value = false), onSure()) : (asking.value = true));
  return html`<button type="button" class="${className} ${asking.value ? "danger" : ""}" onClick=${act} onBlur=${() => (asking.value = false)}>
    ${asking.value ? sure : label}
  </button>`;
}
