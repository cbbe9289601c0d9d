/** Oneself: profile and picture, notifications, password, sessions, and signing out. */
import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call, upload } from "../../core/api.js";
import { me, signedOut, toast } from "../../core/store.js";
import { Avatar } from "../avatar.js";
import { ago } from "../clock.js";
import { Field, Submit, Sure, Wrong, done, useForm } from "../forms.js";
import { unable, wantNone, wantNotifications, wanted } from "../levels.js";
import { people, setPerson } from "../people.js";
import { Dialog } from "./dialog.js";
import { closeDialog } from "./open.js";

export function You() {
  return html`<${Dialog} title=${me.value.name} className="you">
    <${Profile} />
    <${Notifications} />
    <${Password} />
    <${Sessions} />
    <div class="actions out"><button type="button" onClick=${signOut}>Sign out</button></div>
  </${Dialog}>`;
}

async function signOut() {
  if (!(await done("DELETE", "/session"))) return;
  closeDialog();
  signedOut();
}

function take(user) {
  me.value = user;
  setPerson(user);
}

function Profile() {
  const form = useForm(async ({ about }) => {
    take(await call("PATCH", "/user/me", { about }));
    toast("Saved");
  });
  return html`<section>
    <${Picture} />
    <form ...${form.props}>
      <${Field} form=${form} name="about" label="About you" as="textarea" rows="2" maxlength="500" defaultValue=${me.value.about} hint="Others see it beside your name." />
      <${Wrong} form=${form} fields=${["about"]} />
      <div class="actions"><${Submit} form=${form}>Save</${Submit}></div>
    </form>
  </section>`;
}

function Picture() {
  const form = useForm(async ({ file }) => take(await upload("/user/me/avatar", { file }, { method: "PUT" })));
  const remove = async () => {
    if (await done("DELETE", "/user/me/avatar")) take({ ...me.value, avatar_url: null });
  };
  const has = Boolean((people.value.get(me.value.id) ?? me.value).avatar_url);
  return html`<form class="picture" ...${form.props}>
    <${Avatar} user=${me.value} size="l" />
    <label class="button">
      ${has ? "Another picture" : "Choose a picture"}
      <input class="unseen" type="file" name="file" accept="image/png,image/jpeg,image/webp,image/gif,image/avif" onChange=${(event) => event.target.form.requestSubmit()} />
    </label>
    ${has && html`<button type="button" onClick=${remove}>Remove it</button>`}
    <${Wrong} form=${form} />
  </form>`;
}

function Notifications() {
  const refused = useSignal(false);
  const toggle = async (event) => {
    if (!event.target.checked) return wantNone();
    refused.value = !(await wantNotifications());
    event.target.checked = wanted.value;
    return undefined;
  };
  return html`<section>
    <h3>Notifications</h3>
    <label class="check"><input type="checkbox" checked=${wanted.value} disabled=${unable.value} onChange=${toggle} /> Show notifications in this browser</label>
    <p class="hint" role="status">${toldOf(refused.value)}</p>
  </section>`;
}

function toldOf(refused) {
  if (unable.value) return "This browser cannot show notifications of this site.";
  return refused ? "The browser does not allow it: see the settings of this site." : "Of conversations and mentions; each room has its own setting.";
}

function Password() {
  const done = useSignal(0);
  const form = useForm(async ({ password, new_password }) => {
    await change({ password, new_password });
    done.value += 1;
    toast("The password is changed; all other sessions have ended");
  });
  return html`<section>
    <details>
      <summary>Change the password</summary>
      <form ...${form.props} key=${done.value}>
        <input class="unseen" type="text" name="username" autocomplete="username" value=${me.value.name} readonly tabindex="-1" aria-hidden="true" />
        <${Field} form=${form} name="password" label="Password now" type="password" autocomplete="current-password" />
        <${Field} form=${form} name="new_password" label="New password" type="password" autocomplete="new-password" hint="At least 8 characters. It ends all your other sessions." />
        <${Wrong} form=${form} fields=${["password", "new_password"]} />
        <div class="actions"><${Submit} form=${form}>Change it</${Submit}></div>
      </form>
    </details>
  </section>`;
}

/** The wrong one is named at its field. */
async function change(body) {
  try {
    await call("PUT", "/password", body);
  } catch (error) {
    if (error.status === 403) error.errors = [{ field: "password", detail: "That is not your password", whole: true }];
    throw error;
  }
}

function Sessions() {
  const sessions = useSignal([]);
  const look = () => call("GET", "/sessions").then((list) => (sessions.value = thisOneFirst(list)), () => undefined);
  useEffect(() => void look(), []);
  const end = async (session) => {
    if (await done("DELETE", `/session/${session.id}`)) await look();
  };
  return html`<section>
    <h3>Your sessions</h3>
    <ul class="sessions">
      ${sessions.value.map((one) => html`<li key=${one.id}>
        <span><b>${device(one.agent)}</b> <small>${one.current ? "this one" : ago(one.seen_at)} · ${one.address}</small></span>
        ${!one.current && html`<${Sure} className="small" label="End" sure="Sure?" onSure=${() => end(one)} />`}
      </li>`)}
    </ul>
  </section>`;
}

function thisOneFirst(list) {
  return list.toSorted((one, other) => other.current - one.current);
}

const BROWSERS = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"], [/curl\//, "curl"]];
const SYSTEMS = [[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"]];

/** A program's own words about itself, as people would say it. */
export function device(agent) {
  const named = (list) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (!browser) return agent.slice(0, 40) || "Unknown";
  return system ? `${browser} on ${system}` : browser;
}
