/** Who is in a room, those who are here first; its owner lifts bans, and finds the rest with each person. */
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { call } from "../core/api.js";
import { me } from "../core/store.js";
import { Avatar } from "./avatar.js";
import { openDialog } from "./dialogs/open.js";
import { togglePanel } from "./drawer.js";
import { done } from "./forms.js";
import { Icon } from "./icon.js";
import { membersOf } from "./roster.js";

export function Members({ room }) {
  const members = membersOf(room.id);
  const here = members.filter((one) => one.present).length;
  const owns = room.owner?.id === me.value.id;
  return html`<aside class="panel" aria-label="Members">
    <header>
      <h2>Members</h2>
      <p>${room.members} in all · ${here} here · ${room.connections} ${room.connections === 1 ? "connection" : "connections"}</p>
      <button type="button" class="quiet-button close" aria-label="Close the members" onClick=${togglePanel}><${Icon} name="close" /></button>
    </header>
    <ul class="people">${members.map((one) => html`<${Member} key=${one.user.id} member=${one} room=${room} />`)}</ul>
    ${owns && html`<${Bans} room=${room} members=${members.length} />`}
  </aside>`;
}

function Member({ member: { user, owner, present }, room }) {
  const self = user.id === me.value.id;
  return html`<li class=${present ? "" : "absent"}>
    <button type="button" class="person" onClick=${() => openDialog("person", { user, room: room.id })}>
      <${Avatar} user=${user} present=${present} />
      <span class="name">${user.name}${self && html` <small>you</small>`}</span>
      <span class="unseen">${present ? "here" : "not here"}</span>
      ${owner && html`<span class="tag">owner</span>`}
    </button>
  </li>`;
}

/** Asked anew whenever the number of members changes, for a ban takes one away. */
function Bans({ room, members }) {
  const banned = useSignal([]);
  const look = async () => (banned.value = await call("GET", `/room/${room.id}/bans`).catch(() => banned.value));
  useEffect(() => void look(), [room.id, members]);
  if (!banned.value.length) return null;
  const lift = async (user) => {
    await done("DELETE", `/room/${room.id}/bans/${user.id}`, `${user.name} may come back`);
    await look();
  };
  return html`<h3>Banned</h3>
    <ul class="people">
      ${banned.value.map((user) => html`<li key=${user.id}>
        <span class="person"><${Avatar} user=${user} /><span class="name">${user.name}</span></span>
        <button type="button" class="small" onClick=${() => lift(user)}>Lift<span class="unseen"> the ban of ${user.name}</span></button>
      </li>`)}
    </ul>`;
}
