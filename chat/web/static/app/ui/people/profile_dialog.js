// A user's profile, and the way to write to them. The owner of the room can also remove or ban them here.

import { html, useEffect } from "../../../vendor/ui.js";
import { myId, rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog, openDialog } from "../common/dialog_state.js";
import { ConfirmButton, callWithToast } from "../common/form.js";
import { formatDate } from "../common/time.js";
import { Avatar } from "./avatar.js";
import { membersOf } from "./member_list.js";
import { openConversation } from "./open_conversation.js";
import { loadUser, users } from "./user_directory.js";

/** @import {User} from "../../core/store.js" */

/** @param {{user: User, room?: number}} props room: in whose member list the user was chosen */
export function ProfileDialog({ user, room = 0 }) {
  const known = users.value.get(user.id) ?? user;
  useEffect(() => void loadUser(user.id), [user.id]);
  const isSelf = user.id === myId.value;
  return html`<${Dialog} title=${user.name} className="profile-dialog">
    <${Avatar} user=${user} size="l" />
    ${known.about && html`<p class="about">${known.about}</p>`}
    ${known.created_at && html`<p class="hint">Here since ${formatDate(known.created_at)}</p>`}
    <div class="actions">${isSelf ? html`<${EditButton} />` : html`<${WriteButton} user=${user} />`}</div>
    ${!isSelf && html`<${OwnerActions} user=${user} room=${rooms.value.get(room)} />`}
  </${Dialog}>`;
}

function EditButton() {
  const onClick = () => openDialog("account");
  return html`<button type="button" class="primary" onClick=${onClick}>Change your profile</button>`;
}

function WriteButton({ user }) {
  const onClick = () => openConversation(user);
  return html`<button type="button" class="primary" onClick=${onClick}>Write to ${user.name}</button>`;
}

function OwnerActions({ user, room }) {
  if (room?.owner?.id !== myId.value) return null;
  const isMember = membersOf(room.id).some((member) => member.user.id === user.id);
  const act = async (method, list, notice) => {
    if (await callWithToast(method, `/room/${room.id}/${list}/${user.id}`, notice)) closeDialog();
  };
  const remove = () => act("DELETE", "members", `${user.name} was removed`);
  const ban = () => act("PUT", "bans", `${user.name} is banned`);
  return html`<div class="actions footer">
    ${isMember && html`
      <${ConfirmButton} label="Remove from the room" question=${`Remove ${user.name}?`} onConfirm=${remove} />`}
    <${ConfirmButton} label="Ban from the room" question=${`Ban ${user.name}?`} onConfirm=${ban} />
  </div>`;
}
