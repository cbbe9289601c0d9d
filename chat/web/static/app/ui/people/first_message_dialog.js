// The first message to a user, which begins the conversation.

import { html, useMemo } from "../../../vendor/ui.js";
import { call, randomKey } from "../../core/api.js";
import { conversationRoom, patchRoom } from "../../core/rooms.js";
import { rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { Field, FormProblem, SubmitButton, useForm } from "../common/form.js";
import { Avatar } from "./avatar.js";
import { closeDialogAndOpen } from "./open_conversation.js";

export function FirstMessageDialog({ user }) {
  const key = useMemo(randomKey, [user.id]); // sent again after a lost response, the message is posted once
  const path = `/user/${user.id}/messages`;
  const form = useForm(async ({ text }) => open(user, await call("POST", path, { text }, { key })));
  return html`<${Dialog} title=${`Write to ${user.name}`}>
    <form ...${form.props}>
      <div class="recipient"><${Avatar} user=${user} /> <span>Only the two of you read it.</span></div>
      <${Field} form=${form} name="text" label="Message" as="textarea" rows="3" autofocus onKeyDown=${submitOnEnter} />
      <${FormProblem} form=${form} fields=${["text"]} />
      <div class="actions"><${SubmitButton} form=${form}>Send</${SubmitButton}></div>
    </form>
  </${Dialog}>`;
}

function submitOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

function open(user, { id, room }) {
  const conversation = { id: room.id, user, read: id, unread: 0, mentions: 0, newest: id };
  if (!rooms.value.has(room.id)) patchRoom(room.id, conversationRoom(conversation));
  closeDialogAndOpen(room.id);
}
