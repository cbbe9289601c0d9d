// A room or conversation: facts, the notification level, the owner's settings, and leaving or ending it.

import { html } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { dropRoom, patchRoom, withoutCounts } from "../../core/rooms.js";
import { navigate } from "../../core/router.js";
import { currentRoomId, myId, rooms } from "../../core/store.js";
import { showToast } from "../../core/toasts.js";
import { ROOM_HOURS } from "../../core/limits.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog, openDialog } from "../common/dialog_state.js";
import { ConfirmButton, Field, FormProblem, SubmitButton, callWithToast, useForm } from "../common/form.js";
import { formatDate, formatDateTime } from "../common/time.js";
import { LEVELS, levelOf, setLevel } from "../notifications/notification_levels.js";
import { isEnabled } from "../notifications/notification_permission.js";

/** @param {{id: number}} props */
export function RoomDialog({ id }) {
  const room = rooms.value.get(id);
  if (!room) return null;
  const isOwner = room.owner?.id === myId.value;
  if (room.kind === "direct") {
    return html`<${Dialog} title=${`Conversation with ${room.name}`}><${LevelChoice} room=${room} /></${Dialog}>`;
  }
  const invite = () => openDialog("invite", { room: id });
  return html`<${Dialog} title=${room.name}>
    <${Facts} room=${room} />
    <div class="actions"><button type="button" onClick=${invite}>Invite people</button></div>
    <${LevelChoice} room=${room} />
    ${isOwner && html`<${Settings} key=${id} room=${room} />`}
    <${LeaveActions} room=${room} isOwner=${isOwner} />
  </${Dialog}>`;
}

function Facts({ room }) {
  const facts = [
    ["Kind", room.kind === "open" ? "open: everybody may join" : "closed: by invitation"],
    ["Owner", room.owner?.name ?? "nobody"],
    ["Members", room.max_members ? `${room.members} of at most ${room.max_members}` : room.members],
    ["Messages", room.messages],
    ["Made", formatDate(room.created_at)],
    room.expires && ["Ends", room.expires_at ? formatDateTime(room.expires_at) : "when nobody is here"],
  ];
  const items = facts.filter(Boolean).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`${room.topic && html`<p>${room.topic}</p>`}<dl class="room-details">${items}</dl>`;
}

const MEMBERS = { type: "number", min: "1", inputmode: "numeric" };
const HOURS = {
  type: "number", min: "0.1", max: String(ROOM_HOURS), step: "any", inputmode: "decimal",
  hint: `Within ${ROOM_HOURS} hours of its making.`,
};

function Settings({ room }) {
  const form = useForm(async (values) => {
    const changes = changesOf(room, values);
    if (Object.keys(changes).length) await save(room.id, changes);
    showToast("Saved");
  });
  const limit = { label: "Members at most", defaultValue: room.max_members ?? "", ...MEMBERS };
  const hours = html`<${Field} form=${form} name="expires_in" label="Ends in, hours from now" ...${HOURS} />`;
  return html`<form ...${form.props}>
    <h3>Settings</h3>
    <${Field} form=${form} name="name" label="Name" defaultValue=${room.name} autocomplete="off" />
    <${Field} form=${form} name="topic" label="Topic" defaultValue=${room.topic} autocomplete="off" />
    <${Field} form=${form} name="max_members" ...${limit} />
    ${room.expires === "at" && hours}
    <${FormProblem} form=${form} fields=${["name", "topic", "max_members", "expires_in"]} />
    <div class="actions"><${SubmitButton} form=${form}>Save</${SubmitButton}></div>
  </form>`;
}

async function save(id, changes) {
  patchRoom(id, withoutCounts(await call("PATCH", `/room/${id}`, changes)));
}

/** The values that differ from the room's. @param {any} room @param {Record<string, any>} values */
function changesOf(room, { name, topic, max_members: limit, expires_in: hours }) {
  return {
    ...(name !== room.name && { name }),
    ...(topic !== room.topic && { topic }),
    ...(Number(limit) !== (room.max_members ?? 0) && { max_members: limit ? Number(limit) : null }),
    ...(hours && { expires_in: Number(hours) }),
  };
}

function LevelChoice({ room }) {
  const current = levelOf(room);
  const option = ([level, label]) => html`<${LevelOption} ...${{ room, level, label, checked: level === current }} />`;
  return html`<fieldset>
    <legend>Notify me of</legend>
    <div class="segmented-control">${LEVELS.map(option)}</div>
    ${!isEnabled.value && html`<${NotificationsOff} />`}
  </fieldset>`;
}

function LevelOption({ room, level, label, checked }) {
  const onChange = () => setLevel(room.id, level);
  return html`<label>
    <input type="radio" name="level" checked=${checked} onChange=${onChange} /><span>${label}</span>
  </label>`;
}

function NotificationsOff() {
  const button = html`<button type="button" class="link" onClick=${() => openDialog("account")}>Turn them on</button>`;
  return html`<p class="hint">Notifications are off in this browser. ${button}</p>`;
}

function LeaveActions({ room: { id, name }, isOwner }) {
  const leave = () => leaveBy(id, `/room/${id}/members/me`, `You left ${name}`);
  const end = () => leaveBy(id, `/room/${id}`, `${name} has ended`);
  return html`<div class="actions footer">
    <${ConfirmButton} label="Leave the room" question=${`Leave ${name}?`} onConfirm=${leave} />
    ${isOwner && html`
      <${ConfirmButton} label="End the room" question="It ends for everybody. Sure?" onConfirm=${end} />`}
  </div>`;
}

async function leaveBy(id, path, notice) {
  if (!(await callWithToast("DELETE", path, notice))) return;
  closeDialog();
  if (currentRoomId.value === id) navigate("/");
  dropRoom(id);
}
