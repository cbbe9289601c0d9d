/** The first message to somebody, which begins the conversation. */
import { html, useMemo } from "../../../vendor/ui.js";
import { call, newKey } from "../../core/api.js";
import { asRoom, patchRoom, rooms } from "../../core/store.js";
import { Avatar } from "../avatar.js";
import { Field, Submit, Wrong, useForm } from "../forms.js";
import { leaveFor } from "../open.js";
import { Dialog } from "./dialog.js";

export function Write({ user }) {
  const key = useMemo(newKey, [user.id]); // sent again after a lost answer, it still is posted once
  const form = useForm(async ({ text }) => show(user, await call("POST", `/user/${user.id}/messages`, { text }, { key })));
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
  return html`<${Dialog} title=${`Write to ${user.name}`}>
    <form ...${form.props}>
      <div class="to"><${Avatar} user=${user} /> <span>Only the two of you read it.</span></div>
      <${Field} form=${form} name="text" label="Message" as="textarea" rows="3" autofocus onKeyDown=${onKeyDown} />
      <${Wrong} form=${form} fields=${["text"]} />
      <div class="actions"><${Submit} form=${form}>Send</${Submit}></div>
    </form>
  </${Dialog}>`;
}

function show(user, { id, room }) {
  if (!rooms.value.has(room.id)) patchRoom(room.id, asRoom({ id: room.id, user, read: id, unread: 0, mentions: 0, newest: id }));
  leaveFor(room.id);
}
