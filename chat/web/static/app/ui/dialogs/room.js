/** A room or conversation: what it is, what one is told of it, its settings for the owner, and the ways out. */
import { html } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { go } from "../../core/route.js";
import { currentId, dropRoom, me, patchRoom, rooms, toast } from "../../core/store.js";
import { day, dayAndTime } from "../clock.js";
import { Field, Submit, Sure, Wrong, done, useForm } from "../forms.js";
import { LEVELS, levelOf, setLevel, wanted } from "../levels.js";
import { Dialog } from "./dialog.js";
import { closeDialog, openDialog } from "./open.js";

export function RoomDialog({ id }) {
  const room = rooms.value.get(id);
  if (!room) return null;
  const owns = room.owner?.id === me.value.id;
  const direct = room.kind === "direct";
  return html`<${Dialog} title=${direct ? `Conversation with ${room.name}` : room.name}>
    ${!direct && html`<${Facts} room=${room} />`}
    ${!direct && html`<div class="actions"><button type="button" onClick=${() => openDialog("invite", { room: id })}>Invite people</button></div>`}
    <${Told} room=${room} />
    ${owns && html`<${Settings} key=${id} room=${room} />`}
    ${!direct && html`<${WaysOut} room=${room} owns=${owns} />`}
  </${Dialog}>`;
}

function Facts({ room }) {
  const facts = [
    ["Kind", room.kind === "open" ? "open: everybody may join" : "closed: by invitation"],
    ["Owner", room.owner?.name ?? "nobody"],
    ["Members", room.max_members ? `${room.members} of at most ${room.max_members}` : room.members],
    ["Messages", room.messages],
    ["Made", day(room.created_at)],
    room.expires && ["Ends", room.expires_at ? dayAndTime(room.expires_at) : "when nobody is here"],
  ];
  return html`${room.topic && html`<p>${room.topic}</p>`}
    <dl class="facts">${facts.filter(Boolean).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Settings({ room }) {
  const form = useForm(async (values) => {
    const changes = changed(room, values);
    if (Object.keys(changes).length) patchRoom(room.id, kept(await call("PATCH", `/room/${room.id}`, changes)));
    toast("Saved");
  });
  return html`<form ...${form.props}>
    <h3>Settings</h3>
    <${Field} form=${form} name="name" label="Name" defaultValue=${room.name} autocomplete="off" />
    <${Field} form=${form} name="topic" label="Topic" defaultValue=${room.topic} autocomplete="off" />
    <${Field} form=${form} name="max_members" label="Members at most" type="number" min="1" inputmode="numeric" defaultValue=${room.max_members ?? ""} />
    ${room.expires === "at" && html`<${Field} form=${form} name="expires_in" label="Ends in, hours from now" type="number" min="0.1" max="24" step="any" inputmode="decimal" hint="Within 24 hours of its making." />`}
    <${Wrong} form=${form} fields=${["name", "topic", "max_members", "expires_in"]} />
    <div class="actions"><${Submit} form=${form}>Save</${Submit}></div>
  </form>`;
}

/** Only what is not as it was. */
function changed(room, { name, topic, max_members: most, expires_in: hours }) {
  return {
    ...(name !== room.name && { name }),
    ...(topic !== room.topic && { topic }),
    ...(Number(most) !== (room.max_members ?? 0) && { max_members: most ? Number(most) : null }),
    ...(hours && { expires_in: Number(hours) }),
  };
}

/** What is read and unread is the stream's to say. */
function kept({ read, unread, mentions, newest, ...room }) {
  return room;
}

function Told({ room }) {
  return html`<fieldset>
    <legend>Notify me of</legend>
    <div class="segments">
      ${LEVELS.map(([level, label]) => html`<label><input type="radio" name="level" checked=${levelOf(room) === level} onChange=${() => setLevel(room.id, level)} /><span>${label}</span></label>`)}
    </div>
    ${!wanted.value && html`<p class="hint">Notifications are off in this browser. <button type="button" class="link" onClick=${() => openDialog("you")}>Turn them on</button></p>`}
  </fieldset>`;
}

function WaysOut({ room, owns }) {
  const { id, name } = room;
  return html`<div class="actions out">
    <${Sure} label="Leave the room" sure=${`Leave ${name}?`} onSure=${() => away(id, "DELETE", `/room/${id}/members/me`, `You left ${name}`)} />
    ${owns && html`<${Sure} label="End the room" sure="It ends for everybody. Sure?" onSure=${() => away(id, "DELETE", `/room/${id}`, `${name} has ended`)} />`}
  </div>`;
}

async function away(id, method, path, word) {
  if (!(await done(method, path, word))) return;
  closeDialog();
  if (currentId.value === id) go("/");
  dropRoom(id);
}
