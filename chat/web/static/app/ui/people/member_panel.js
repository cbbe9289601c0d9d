// The members of a room, those who are present first. The owner also lifts bans here.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { myId } from "../../core/store.js";
import { openDialog } from "../common/dialog_state.js";
import { callWithToast } from "../common/form.js";
import { Icon } from "../common/icon.js";
import { toggleMemberPanel } from "../common/panel_state.js";
import { Avatar } from "./avatar.js";
import { membersOf } from "./member_list.js";

/** @import {Room} from "../../core/store.js" */

/** @param {{room: Room}} props */
export function MemberPanel({ room }) {
  const members = membersOf(room.id);
  const present = members.filter((member) => member.present).length;
  const isOwner = room.owner?.id === myId.value;
  const connections = `${room.connections} ${room.connections === 1 ? "connection" : "connections"}`;
  return html`<aside class="member-panel" aria-label="Members">
    <header>
      <h2>Members</h2>
      <p>${room.members} in all · ${present} here · ${connections}</p>
      <button type="button" class="quiet-button close" aria-label="Close the members" onClick=${toggleMemberPanel}>
        <${Icon} name="close" />
      </button>
    </header>
    <ul class="people">
      ${members.map((member) => html`<${MemberItem} key=${member.user.id} member=${member} room=${room} />`)}
    </ul>
    ${isOwner && html`<${Bans} room=${room} memberCount=${members.length} />`}
  </aside>`;
}

function MemberItem({ member: { user, owner, present }, room }) {
  const isSelf = user.id === myId.value;
  const onClick = () => openDialog("profile", { user, room: room.id });
  return html`<li class=${present ? "" : "absent"}>
    <button type="button" class="user-button" onClick=${onClick}>
      <${Avatar} user=${user} present=${present} />
      <span class="name">${user.name}${isSelf && html` <small>you</small>`}</span>
      <span class="visually-hidden">${present ? "here" : "not here"}</span>
      ${owner && html`<span class="badge">owner</span>`}
    </button>
  </li>`;
}

/** Loaded again when the number of members changes, because a ban removes one. */
function Bans({ room, memberCount }) {
  const banned = useSignal(/** @type {any[]} */ ([]));
  const load = async () => (banned.value = await call("GET", `/room/${room.id}/bans`).catch(() => banned.value));
  useEffect(() => void load(), [room.id, memberCount]);
  if (!banned.value.length) return null;
  const lift = async (user) => {
    await callWithToast("DELETE", `/room/${room.id}/bans/${user.id}`, `${user.name} may come back`);
    await load();
  };
  return html`<h3>Banned</h3>
    <ul class="people">
      ${banned.value.map((user) => html`<${Ban} key=${user.id} user=${user} onLift=${() => lift(user)} />`)}
    </ul>`;
}

function Ban({ user, onLift }) {
  return html`<li>
    <span class="user-button"><${Avatar} user=${user} /><span class="name">${user.name}</span></span>
    <button type="button" class="small" onClick=${onLift}>
      Lift<span class="visually-hidden"> the ban of ${user.name}</span>
    </button>
  </li>`;
}
