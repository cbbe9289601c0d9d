// A room's header: name, topic, presence, the time until it ends, and its actions.

import { computed, html } from "../../../vendor/ui.js";
import { rooms } from "../../core/store.js";
import { openDialog } from "../common/dialog_state.js";
import { Icon } from "../common/icon.js";
import { drawerOpen, memberPanelOpen, toggleMemberPanel } from "../common/panel_state.js";
import { LAST_MINUTES, formatDuration, useNow } from "../common/time.js";
import { isPresent, presentIn } from "../people/member_list.js";
import { userOf } from "../people/user_directory.js";
import { Lock, roomIcon } from "./room_icon.js";

/** @import {Room} from "../../core/store.js" */

const unreadTotal = computed(() =>
  [...rooms.value.values()].reduce((sum, room) => sum + (room.joined ? room.unread : 0), 0));

/** @param {{room: Room}} props */
export function RoomHeader({ room }) {
  const isDirect = room.kind === "direct";
  const topic = topicOf(room);
  const about = isDirect ? "About this conversation" : "About this room";
  return html`<header class="room-header">
    <${SidebarButton} />
    <div class="title">
      <h1><${Icon} name=${roomIcon(room)} /><span>${room.name}</span><${Lock} room=${room} /></h1>
      <div class="more">
        <p class="topic" title=${topic}>${topic}</p>
        ${room.expires && html`<${Countdown} room=${room} />`}
      </div>
    </div>
    <${Presence} room=${room} />
    <${HeaderButton} icon="search" label="Search" onClick=${() => openDialog("search", { room })} />
    ${!isDirect && html`
      <${HeaderButton} icon="invite" label="Invite" onClick=${() => openDialog("invite", { room: room.id })} />`}
    <${HeaderButton} icon="settings" label=${about} onClick=${() => openDialog("room", { id: room.id })} />
  </header>`;
}

function topicOf(room) {
  return room.kind === "direct" ? userOf(room.user.id)?.about : room.topic;
}

/** Opens the drawer on a phone. */
export function SidebarButton() {
  const label = unreadTotal.value ? `Rooms, ${unreadTotal.value} unread` : "Rooms";
  const props = { "aria-label": label, "aria-expanded": drawerOpen.value, onClick: () => (drawerOpen.value = true) };
  return html`<button type="button" class="quiet-button rooms-button" ...${props}>
    <${Icon} name="menu" />${unreadTotal.value > 0 && html`<i class="status-dot unread" />`}
  </button>`;
}

function HeaderButton({ icon, label, onClick }) {
  const classes = `quiet-button tool-${icon}`;
  return html`<button type="button" class=${classes} aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name=${icon} />
  </button>`;
}

function Presence({ room }) {
  if (room.kind === "direct") {
    const dot = html`<i class="status-dot present" aria-hidden="true" />`;
    return isPresent(room.user) && html`<span class="presence">${dot}here</span>`;
  }
  const present = presentIn(room.id).size;
  const title = `${room.members} members, ${present} here, ${room.connections ?? 0} connections`;
  const props = { "aria-expanded": memberPanelOpen.value, title, onClick: toggleMemberPanel };
  const label = html`<span class="visually-hidden">Members here: </span>`;
  return html`<button type="button" class="quiet-button presence" ...${props}>
    <${Icon} name="members" /><span>${label}${present}<span class="total"> of ${room.members}</span></span>
  </button>`;
}

/** The time until a room ends: to the second in the last minutes. */
function Countdown({ room }) {
  const end = room.expires_at ? new Date(room.expires_at).getTime() : null;
  const now = useNow(end ? intervalFor(end - Date.now()) : 0);
  if (!end) return html`<span class="countdown" title=${WHEN_EMPTY}>ends when empty</span>`;
  const classes = end - now < LAST_MINUTES ? "countdown soon" : "countdown";
  const title = `Ends ${new Date(end).toLocaleString()}; what was said is gone then`;
  return html`<span class=${classes} role="timer" title=${title}>ends in ${formatDuration(end - now)}</span>`;
}

const WHEN_EMPTY = "When nobody has been here for a while, the room ends, and what was said is gone";
const intervalFor = (remaining) => (remaining < LAST_MINUTES + 30_000 ? 1000 : 15_000);
