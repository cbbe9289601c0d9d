// The user's own account: profile and picture, notifications, password, sessions, and signing out.

import { html, useSignal } from "../../../vendor/ui.js";
import { Problem, call, upload } from "../../core/api.js";
import { endSession } from "../../core/session.js";
import { me } from "../../core/store.js";
import { showToast } from "../../core/toasts.js";
import { ABOUT_LENGTH, PASSWORD_LENGTH } from "../../core/limits.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog } from "../common/dialog_state.js";
import { Field, FormProblem, SubmitButton, callWithToast, useForm } from "../common/form.js";
import {
  disableNotifications, enableNotifications, isEnabled, isUnsupported,
} from "../notifications/notification_permission.js";
import { Avatar } from "./avatar.js";
import { SessionList } from "./session_list.js";
import { setUser, users } from "./user_directory.js";

const PICTURE_TYPES = "image/png,image/jpeg,image/webp,image/gif,image/avif";

export function AccountDialog() {
  const user = me.value;
  if (!user) return null;
  return html`<${Dialog} title=${user.name} className="account-dialog">
    <${Profile} user=${user} />
    <${NotificationSettings} />
    <${PasswordSettings} user=${user} />
    <${SessionList} />
    <div class="actions footer"><button type="button" onClick=${signOut}>Sign out</button></div>
  </${Dialog}>`;
}

async function signOut() {
  if (!(await callWithToast("DELETE", "/session"))) return;
  closeDialog();
  endSession();
}

function setMe(user) {
  me.value = user;
  setUser(user);
}

function Profile({ user }) {
  const form = useForm(async ({ about }) => {
    setMe(await call("PATCH", "/user/me", { about }));
    showToast("Saved");
  });
  const about = { name: "about", label: "About you", hint: "Others see it beside your name." };
  return html`<section>
    <${Picture} user=${user} />
    <form ...${form.props}>
      <${Field} form=${form} ...${about} as="textarea" rows="2" maxlength=${ABOUT_LENGTH} defaultValue=${user.about} />
      <${FormProblem} form=${form} fields=${["about"]} />
      <div class="actions"><${SubmitButton} form=${form}>Save</${SubmitButton}></div>
    </form>
  </section>`;
}

function Picture({ user }) {
  const form = useForm(async ({ file }) => setMe(await upload("/user/me/avatar", { file }, { method: "PUT" })));
  const remove = async () => {
    if (await callWithToast("DELETE", "/user/me/avatar")) setMe({ ...me.value, avatar_url: null });
  };
  const hasPicture = Boolean((users.value.get(user.id) ?? user).avatar_url);
  const submit = (event) => event.target.form.requestSubmit();
  return html`<form class="picture" ...${form.props}>
    <${Avatar} user=${user} size="l" />
    <label class="button">
      ${hasPicture ? "Another picture" : "Choose a picture"}
      <input class="visually-hidden" type="file" name="file" accept=${PICTURE_TYPES} onChange=${submit} />
    </label>
    ${hasPicture && html`<button type="button" onClick=${remove}>Remove it</button>`}
    <${FormProblem} form=${form} />
  </form>`;
}

function NotificationSettings() {
  const isRefused = useSignal(false);
  const toggle = async (event) => {
    const checkbox = event.target;
    if (!checkbox.checked) return disableNotifications();
    isRefused.value = !(await enableNotifications());
    checkbox.checked = isEnabled.value;
    return undefined;
  };
  return html`<section>
    <h3>Notifications</h3>
    <label class="check">
      <input type="checkbox" checked=${isEnabled.value} disabled=${isUnsupported.value} onChange=${toggle} />${" "}
      Show notifications in this browser
    </label>
    <p class="hint" role="status">${notificationHint(isRefused.value)}</p>
  </section>`;
}

function notificationHint(isRefused) {
  if (isUnsupported.value) return "This browser cannot show notifications of this site.";
  if (isRefused) return "The browser does not allow it: see the settings of this site.";
  return "Of conversations and mentions; each room has its own setting.";
}

function PasswordSettings({ user }) {
  const changes = useSignal(0); // the key of the form: after each change it is empty again
  const form = useForm(async ({ password, new_password }) => {
    await changePassword({ password, new_password });
    changes.value += 1;
    showToast("The password is changed; all other sessions have ended");
  });
  const current = { name: "password", label: "Password now", autocomplete: "current-password" };
  const hint = `At least ${PASSWORD_LENGTH} characters. It ends all your other sessions.`;
  const next = { name: "new_password", label: "New password", autocomplete: "new-password", hint };
  return html`<section>
    <details>
      <summary>Change the password</summary>
      <form ...${form.props} key=${changes.value}>
        <${UsernameForManagers} name=${user.name} />
        <${Field} form=${form} ...${current} type="password" />
        <${Field} form=${form} ...${next} type="password" />
        <${FormProblem} form=${form} fields=${["password", "new_password"]} />
        <div class="actions"><${SubmitButton} form=${form}>Change it</${SubmitButton}></div>
      </form>
    </details>
  </section>`;
}

/** Tells a password manager whose password is changed. */
function UsernameForManagers({ name }) {
  return html`<input class="visually-hidden" type="text" name="username" autocomplete="username" value=${name} readonly
    tabindex="-1" aria-hidden="true" />`;
}

/** A wrong password is a problem of its field. */
async function changePassword(body) {
  try {
    await call("PUT", "/password", body);
  } catch (error) {
    if (error instanceof Problem && error.status === 403) {
      error.errors = [{ field: "password", detail: "That is not your password", whole: true }];
    }
    throw error;
  }
}
