// Signing in and signing up, on one screen.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { inviteKey } from "../../core/router.js";
import { startSession } from "../../core/session.js";
import { PASSWORD_LENGTH } from "../../core/limits.js";
import { Field, FormProblem, SubmitButton, useForm } from "../common/form.js";

const NAME_HINT = "Letters, digits, and . _ - : others mention and find you by it.";
const PASSWORD_HINT = `At least ${PASSWORD_LENGTH} characters. A few words are easy to remember.`;

export function SignIn() {
  const isNew = useSignal(false);
  const name = useSignal("");
  const title = isNew.value ? "Make an account" : "Sign in";
  const toggle = () => (isNew.value = !isNew.value);
  return html`<main class="sign-in">
    <div class="sheet">
      <${Logo} />
      <h1>${title}</h1>
      ${inviteKey.value && html`<p class="notice">You are invited to a room. ${title}, and you are in.</p>`}
      <${Credentials} key=${isNew.value} isNew=${isNew.value} typedName=${name} />
      <p class="other">
        ${isNew.value ? "You have an account? " : "New here? "}
        <button type="button" class="link" onClick=${toggle}>${isNew.value ? "Sign in" : "Make an account"}</button>
      </p>
      <footer class="other"><a href="/api/v1/docs">The API, for programs</a></footer>
    </div>
  </main>`;
}

/** typedName: the signal of the name that was typed, which stays when the user changes to the other form. */
function Credentials({ isNew, typedName }) {
  const form = useForm(async ({ name, password }) => startSession(await submit(isNew, { name, password })));
  const isShown = useSignal(false);
  useEffect(() => focusFirstEmpty(form.props.ref.current), []);
  const onInput = (event) => (typedName.value = event.target.value);
  const nameProps = { autocomplete: "username", autocapitalize: "none", spellcheck: false, hint: isNew && NAME_HINT };
  const passwordProps = {
    autocomplete: isNew ? "new-password" : "current-password",
    type: isShown.value ? "text" : "password",
    hint: isNew && PASSWORD_HINT,
  };
  return html`<form ...${form.props}>
    <${Field} form=${form} name="name" label="Name" required ...${nameProps}
      defaultValue=${typedName.peek()} onInput=${onInput} />
    <${Field} form=${form} name="password" label="Password" required ...${passwordProps} />
    <label class="check">
      <input type="checkbox" checked=${isShown.value} onChange=${() => (isShown.value = !isShown.value)} />${" "}
      Show the password
    </label>
    <${FormProblem} form=${form} fields=${["name", "password"]} />
    <${SubmitButton} form=${form}>${isNew ? "Make an account" : "Sign in"}</${SubmitButton}>
  </form>`;
}

function focusFirstEmpty(form) {
  [...form.elements].find((field) => !field.value)?.focus();
}

/** A wrong password, or too many attempts, is a problem of the password's field. Returns the user. */
async function submit(isNew, body) {
  try {
    return (await call("POST", isNew ? "/users" : "/session", body)).user;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      error.errors = [{ field: "password", detail: error.detail, whole: true }];
    }
    throw error;
  }
}

function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M4 5h24a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H14l-7 6v-6H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z" />
  </svg>`;
}
