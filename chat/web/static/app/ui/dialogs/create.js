/** Makes a room: open or closed, for good, for some hours or until it is empty, with a bound or without. */
import { html, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { openRoom } from "../../core/route.js";
import { patchRoom } from "../../core/store.js";
import { Field, Submit, Wrong, useForm } from "../forms.js";
import { Dialog } from "./dialog.js";
import { keepKey } from "./keys.js";
import { closeDialog, openDialog } from "./open.js";

const FIELDS = ["name", "topic", "expires_in", "max_members"];

/** @param {{name?: string}} props what it may be called */
export function Create({ name = "" }) {
  const kind = useSignal("open");
  const lasts = useSignal("good");
  const form = useForm(async (values) => show(await call("POST", "/rooms", asked(values))));
  return html`<${Dialog} title="Make a room">
    <form ...${form.props}>
      <${Field} form=${form} name="name" label="Name" autofocus autocomplete="off" defaultValue=${name} maxlength="80" />
      <${Field} form=${form} name="topic" label="Topic" autocomplete="off" maxlength="250" hint="What it is about. You can change it later." />
      <fieldset>
        <legend>Who comes in</legend>
        <${Choice} name="kind" value="open" checked=${kind.value === "open"} onChange=${() => (kind.value = "open")} title="Open">Everybody finds it, reads it and may join.</${Choice}>
        <${Choice} name="kind" value="closed" checked=${kind.value === "closed"} onChange=${() => (kind.value = "closed")} title="Closed">Only whoever has its invitation.</${Choice}>
      </fieldset>
      <fieldset>
        <legend>How long it lasts</legend>
        <${Choice} name="lasts" value="good" checked=${lasts.value === "good"} onChange=${() => (lasts.value = "good")} title="For good">It ends when you end it.</${Choice}>
        <${Choice} name="lasts" value="hours" checked=${lasts.value === "hours"} onChange=${() => (lasts.value = "hours")} title="For some hours">Then it ends, and what was said is gone.</${Choice}>
        <${Choice} name="lasts" value="empty" checked=${lasts.value === "empty"} onChange=${() => (lasts.value = "empty")} title="Until it is empty">When the last has left it ends, and what was said is gone.</${Choice}>
        ${lasts.value === "hours" && html`<${Field} form=${form} name="expires_in" label="Hours" type="number" min="0.1" max="24" step="any" inputmode="decimal" defaultValue="1" />`}
      </fieldset>
      <${Field} form=${form} name="max_members" label="Members at most" type="number" min="1" inputmode="numeric" hint="Leave it empty for as many as come." />
      <${Wrong} form=${form} fields=${FIELDS} />
      <div class="actions"><${Submit} form=${form}>Make the room</${Submit}></div>
    </form>
  </${Dialog}>`;
}

function Choice({ title, children, ...rest }) {
  return html`<label class="choice"><input type="radio" ...${rest} /><span><b>${title}</b> ${children}</span></label>`;
}

function asked({ name, topic, kind, lasts, expires_in: hours, max_members: most }) {
  return {
    name,
    topic,
    kind,
    ...(lasts === "hours" && { expires_in: Number(hours) }),
    ...(lasts === "empty" && { expires: "when_empty" }),
    ...(most && { max_members: Number(most) }),
  };
}

/** The key of a closed room is shown now and never again. */
function show({ invite_key: key, ...room }) {
  patchRoom(room.id, { ...room, joined: true });
  openRoom(room.id);
  if (!key) return closeDialog();
  keepKey(room.id, key);
  return openDialog("invite", { room: room.id });
}
