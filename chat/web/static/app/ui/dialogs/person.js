/** Who somebody is, and the way to write to them; for the owner of the room that they are in, the ways to part with them. */
import { html, useEffect } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { me, rooms } from "../../core/store.js";
import { Avatar } from "../avatar.js";
import { day } from "../clock.js";
import { Sure, done } from "../forms.js";
import { openPerson } from "../open.js";
import { people, setPerson } from "../people.js";
import { membersOf } from "../roster.js";
import { Dialog } from "./dialog.js";
import { closeDialog, openDialog } from "./open.js";

/** @param {{user: object, room?: number}} props room: where they were met */
export function Person({ user, room }) {
  const known = people.value.get(user.id) ?? user;
  useEffect(() => {
    call("GET", `/user/${user.id}`).then(setPerson, () => undefined); // what is known already stands there meanwhile
  }, [user.id]);
  const self = user.id === me.value.id;
  return html`<${Dialog} title=${user.name} className="card">
    <${Avatar} user=${user} size="l" />
    ${known.about && html`<p class="about">${known.about}</p>`}
    ${known.created_at && html`<p class="hint">Here since ${day(known.created_at)}</p>`}
    <div class="actions">
      ${self
        ? html`<button type="button" class="primary" onClick=${() => openDialog("you")}>Change your profile</button>`
        : html`<button type="button" class="primary" onClick=${() => openPerson(user)}>Write to ${user.name}</button>`}
    </div>
    ${!self && html`<${Owning} user=${user} room=${rooms.value.get(room)} />`}
  </${Dialog}>`;
}

function Owning({ user, room }) {
  if (room?.owner?.id !== me.value.id) return null;
  const member = membersOf(room.id).some((one) => one.user.id === user.id);
  const part = async (method, path, word) => (await done(method, `/room/${room.id}/${path}/${user.id}`, word)) && closeDialog();
  return html`<div class="actions out">
    ${member && html`<${Sure} label="Remove from the room" sure=${`Remove ${user.name}?`} onSure=${() => part("DELETE", "members", `${user.name} was removed`)} />`}
    <${Sure} label="Ban from the room" sure=${`Ban ${user.name}?`} onSure=${() => part("PUT", "bans", `${user.name} is banned`)} />
  </div>`;
}
