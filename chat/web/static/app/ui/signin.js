/** Signing in and signing up, on one screen. */
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { inviteKey } from "../core/route.js";
import { signedIn } from "../core/store.js";
import { Field, Submit, Wrong, useForm } from "./forms.js";

export function SignIn() {
  const isNew = useSignal(false);
  const name = useSignal("");
  return html`<main class="door">
    <div class="sheet">
      <${Mark} />
      <h1>${isNew.value ? "Make an account" : "Sign in"}</h1>
      ${inviteKey.value && html`<p class="note">You are invited to a room. ${isNew.value ? "Make an account" : "Sign in"}, and you are in.</p>`}
      <${Credentials} key=${isNew.value} isNew=${isNew.value} known=${name} />
      <p class="other">
        ${isNew.value ? "You have an account? " : "New here? "}
        <button type="button" class="link" onClick=${() => (isNew.value = !isNew.value)}>${isNew.value ? "Sign in" : "Make an account"}</button>
      </p>
      <footer class="other"><a href="/api/v1/docs">The API, for programs</a></footer>
    </div>
  </main>`;
}

/** `known` is the signal of the name that was typed: it stays when the other form comes. */
function Credentials({ isNew, known }) {
  const form = useForm(async ({ name, password }) => signedIn((await enter(isNew, { name, password })).user));
  const shown = useSignal(false);
  useEffect(() => [...form.props.ref.current.elements].find((field) => !field.value)?.focus(), []);
  return html`<form ...${form.props}>
    <${Field} form=${form} name="name" label="Name" autocomplete="username" autocapitalize="none" spellcheck=${false} required
      defaultValue=${known.peek()} onInput=${(event) => (known.value = event.target.value)}
      hint=${isNew && "Letters, digits, and . _ - : others mention and find you by it."} />
    <${Field} form=${form} name="password" label="Password" type=${shown.value ? "text" : "password"} required
      autocomplete=${isNew ? "new-password" : "current-password"} hint=${isNew && "At least 8 characters. A few words are easy to remember."} />
    <label class="check"><input type="checkbox" checked=${shown.value} onChange=${() => (shown.value = !shown.value)} /> Show the password</label>
    <${Wrong} form=${form} fields=${["name", "password"]} />
    <${Submit} form=${form}>${isNew ? "Make an account" : "Sign in"}</${Submit}>
  </form>`;
}

async function enter(isNew, body) {
  try {
    return await call("POST", isNew ? "/users" : "/session", body);
  } catch (error) {
    throw atItsField(error);
  }
}

/** A wrong password, or too many of them, is said where it was typed. */
function atItsField(error) {
  if (!(error instanceof Problem) || error.status !== 401) return error;
  return Object.assign(error, { errors: [{ field: "password", detail: error.detail, whole: true }] });
}

export function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M4 5h24a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H14l-7 6v-6H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z" />
  </svg>`;
}
