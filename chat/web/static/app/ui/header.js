/** A room's header: what it is about, who is here, when it ends, and what can be done with it. */
import { computed, html } from "../../vendor/ui.js";
import { rooms } from "../core/store.js";
import { LAST_MINUTES, left, useNow } from "./clock.js";
import { openDialog } from "./dialogs/open.js";
import { drawer, panel, togglePanel } from "./drawer.js";
import { Icon, Lock, iconOf } from "./icon.js";
import { personOf } from "./people.js";
import { hereIn, isHere } from "./roster.js";

const unread = computed(() => [...rooms.value.values()].reduce((sum, room) => sum + (room.joined ? room.unread : 0), 0));

export function Header({ room }) {
  return html`<header class="room-header">
    <${RoomsButton} />
    <div class="what">
      <h1><${Icon} name=${iconOf(room)} /><span>${room.name}</span><${Lock} room=${room} /></h1>
      <div class="more">
        <p class="topic" title=${about(room)}>${about(room)}</p>
        ${room.expires && html`<${Countdown} room=${room} />`}
      </div>
    </div>
    <${Here} room=${room} />
    <${Tool} icon="search" name="Search" onClick=${() => openDialog("search", { room })} />
    ${room.kind !== "direct" && html`<${Tool} icon="invite" name="Invite" onClick=${() => openDialog("invite", { room: room.id })} />`}
    <${Tool} icon="settings" name=${room.kind === "direct" ? "About this conversation" : "About this room"} onClick=${() => openDialog("room", { id: room.id })} />
  </header>`;
}

function about(room) {
  return room.kind === "direct" ? personOf(room.user.id)?.about : room.topic;
}

/** Opens the drawer of a phone. */
export function RoomsButton() {
  const name = unread.value ? `Rooms, ${unread.value} unread` : "Rooms";
  return html`<button type="button" class="quiet-button rooms-button" aria-label=${name} aria-expanded=${drawer.value} onClick=${() => (drawer.value = true)}>
    <${Icon} name="menu" />${unread.value > 0 && html`<i class="dot news" />`}
  </button>`;
}

function Tool({ icon, name, ...rest }) {
  return html`<button type="button" class="quiet-button tool-${icon}" aria-label=${name} title=${name} ...${rest}><${Icon} name=${icon} /></button>`;
}

function Here({ room }) {
  if (room.kind === "direct") {
    return isHere(room.user) && html`<span class="presence"><i class="dot here" aria-hidden="true" />here</span>`;
  }
  const here = hereIn(room.id).size;
  const title = `${room.members} members, ${here} here, ${room.connections ?? 0} connections`;
  return html`<button type="button" class="quiet-button presence" aria-expanded=${panel.value} title=${title} onClick=${togglePanel}>
    <${Icon} name="members" /><span><span class="unseen">Members here: </span>${here}<span class="of"> of ${room.members}</span></span>
  </button>`;
}

/** How long a room has still to live: to the second in its last minutes. */
export function Countdown({ room }) {
  const ends = room.expires_at ? new Date(room.expires_at).getTime() : null;
  const now = useNow(ends ? (ends - Date.now() < LAST_MINUTES + 30_000 ? 1000 : 15_000) : 0);
  if (!ends) return html`<span class="countdown" title="When nobody has been here for a while, the room ends, and what was said is gone">ends when empty</span>`;
  const soon = ends - now < LAST_MINUTES;
  const title = `Ends ${new Date(ends).toLocaleString()}; what was said is gone then`;
  return html`<span class=${soon ? "countdown soon" : "countdown"} role="timer" title=${title}>ends in ${left(ends - now)}</span>`;
}
