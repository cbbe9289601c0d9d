// Creates a room: open or closed, permanent or ending after some hours or when empty, with or without a limit of
// members.

import { html, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { patchRoom } from "../../core/rooms.js";
import { openRoom } from "../../core/router.js";
import { ROOM_HOURS, ROOM_NAME_LENGTH, TOPIC_LENGTH } from "../../core/limits.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog, openDialog } from "../common/dialog_state.js";
import { Field, FormProblem, SubmitButton, useForm } from "../common/form.js";
import { rememberInviteKey } from "./invite_keys.js";

const FIELDS = ["name", "topic", "expires_in", "max_members"];
const KINDS = [
  { value: "open", title: "Open", text: "Everybody finds it, reads it and may join." },
  { value: "closed", title: "Closed", text: "Only whoever has its invitation." },
];
const LIFETIMES = [
  { value: "good", title: "For good", text: "It ends when you end it." },
  { value: "hours", title: "For some hours", text: "Then it ends, and what was said is gone." },
  { value: "empty", title: "Until it is empty", text: "When the last has left it ends, and what was said is gone." },
];
const HOURS = {
  type: "number", min: "0.1", max: String(ROOM_HOURS), step: "any", inputmode: "decimal", defaultValue: "1",
};
const MEMBERS = { type: "number", min: "1", inputmode: "numeric", hint: "Leave it empty for as many as come." };

/** @param {{name?: string}} props name: a suggestion */
export function CreateDialog({ name = "" }) {
  const kind = useSignal("open");
  const lifetime = useSignal("good");
  const form = useForm(async (values) => onCreated(await call("POST", "/rooms", bodyOf(values))));
  const nameProps = { defaultValue: name, maxlength: String(ROOM_NAME_LENGTH) };
  const topicProps = { maxlength: String(TOPIC_LENGTH), hint: "What it is about. You can change it later." };
  return html`<${Dialog} title="Make a room">
    <form ...${form.props}>
      <${Field} form=${form} name="name" label="Name" autofocus autocomplete="off" ...${nameProps} />
      <${Field} form=${form} name="topic" label="Topic" autocomplete="off" ...${topicProps} />
      <fieldset>
        <legend>Who comes in</legend>
        <${Choices} name="kind" options=${KINDS} selected=${kind} />
      </fieldset>
      <fieldset>
        <legend>How long it lasts</legend>
        <${Choices} name="lasts" options=${LIFETIMES} selected=${lifetime} />
        ${lifetime.value === "hours" && html`<${Field} form=${form} name="expires_in" label="Hours" ...${HOURS} />`}
      </fieldset>
      <${Field} form=${form} name="max_members" label="Members at most" ...${MEMBERS} />
      <${FormProblem} form=${form} fields=${FIELDS} />
      <div class="actions"><${SubmitButton} form=${form}>Make the room</${SubmitButton}></div>
    </form>
  </${Dialog}>`;
}

/** Radio buttons. selected: the signal of the chosen value. */
function Choices({ name, options, selected }) {
  return options.map(({ value, title, text }) => {
    const state = { checked: selected.value === value, onChange: () => (selected.value = value) };
    return html`<label class="choice">
      <input type="radio" name=${name} value=${value} ...${state} /><span><b>${title}</b> ${text}</span>
    </label>`;
  });
}

/** @param {Record<string, any>} values of the form */
function bodyOf({ name, topic, kind, lasts, expires_in: hours, max_members: limit }) {
  return {
    name,
    topic,
    kind,
    ...(lasts === "hours" && { expires_in: Number(hours) }),
    ...(lasts === "empty" && { expires: "when_empty" }),
    ...(limit && { max_members: Number(limit) }),
  };
}

/** The invite key of a closed room is shown now and never again. */
function onCreated({ invite_key: key, ...room }) {
  patchRoom(room.id, { ...room, joined: true });
  openRoom(room.id);
  if (!key) return closeDialog();
  rememberInviteKey(room.id, key);
  return openDialog("invite", { room: room.id });
}
