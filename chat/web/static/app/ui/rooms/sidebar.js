// The sidebar: rooms and conversations with their unread counts, ways to find others, and the user.

import { html, useEffect, useRef } from "../../../vendor/ui.js";
import { currentRoomId, me, roomsLoaded } from "../../core/store.js";
import { ConnectionBadge } from "../common/connection_banner.js";
import { openDialog } from "../common/dialog_state.js";
import { firstPaintDone } from "../common/first_paint.js";
import { Icon } from "../common/icon.js";
import { NARROW, drawerOpen } from "../common/panel_state.js";
import { MOD_KEY } from "../common/platform.js";
import { followRoomLink } from "../common/room_link.js";
import { levelOf } from "../notifications/notification_levels.js";
import { Avatar } from "../people/avatar.js";
import { isPresent } from "../people/member_list.js";
import { Lock, roomIcon } from "./room_icon.js";
import { conversations, joinedRooms } from "./room_lists.js";

const MOST_UNREAD = 1000; // the service counts no further

export function Sidebar() {
  const nav = useRef(/** @type {any} */ (null));
  useEffect(() => {
    if (drawerOpen.value) nav.current.querySelector("[aria-current], a, button")?.focus();
  }, [drawerOpen.value]);
  if (NARROW.matches && !drawerOpen.value && !firstPaintDone.value) return null; // not visible, and not urgent
  return html`
    <div class="scrim" onClick=${() => (drawerOpen.value = false)} />
    <nav class="sidebar" aria-label="Rooms" ref=${nav}>
      <button type="button" class="switcher-button" onClick=${() => openDialog("switcher")}>
        <${Icon} name="search" /><span>Go to…</span><kbd aria-hidden="true">${MOD_KEY} K</kbd>
      </button>
      <div class="room-lists"><${Rooms} /><${Conversations} /></div>
      <${Footer} />
    </nav>`;
}

function Rooms() {
  const browse = () => openDialog("browse", { list: "rooms" });
  return html`<${Section} title="Rooms" items=${joinedRooms.value} emptyHint="You are in no room yet.">
    <${SectionButton} icon="browse" label="Find a room" onClick=${browse} />
    <${SectionButton} icon="plus" label="Make a room" onClick=${() => openDialog("createRoom")} />
  </${Section}>`;
}

function Conversations() {
  const browse = () => openDialog("browse", { list: "users" });
  const emptyHint = "You have written to nobody yet.";
  return html`<${Section} title="Conversations" items=${conversations.value} emptyHint=${emptyHint}>
    <${SectionButton} icon="write" label="Write to somebody" onClick=${browse} />
  </${Section}>`;
}

function Section({ title, items, emptyHint, children }) {
  const list = () => html`<ul>${items.map((room) => html`<${RoomItem} key=${room.id} room=${room} />`)}</ul>`;
  return html`<section>
    <header><h2>${title}</h2>${children}</header>
    ${items.length > 0 ? list() : roomsLoaded.value && html`<p class="hint">${emptyHint}</p>`}
  </section>`;
}

function SectionButton({ icon, label, onClick }) {
  return html`<button type="button" class="quiet-button" aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name=${icon} />
  </button>`;
}

function RoomItem({ room }) {
  const link = useRef(/** @type {any} */ (null));
  const isCurrent = currentRoomId.value === room.id;
  useEffect(() => {
    if (isCurrent) link.current.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  const isMuted = levelOf(room) === "nothing";
  const classes = [room.unread > 0 && !isMuted && "unread", isMuted && "muted"].filter(Boolean).join(" ");
  const props = { "class": classes, "aria-current": isCurrent ? "page" : undefined };
  return html`<li>
    <a ref=${link} href="/r/${room.id}" ...${props} onClick=${(event) => followRoomLink(event, room.id)}>
      <${RoomPicture} room=${room} />
      <span class="name">${room.name}</span>
      <${Lock} room=${room} />
      <${UnreadCount} room=${room} />
    </a>
  </li>`;
}

function RoomPicture({ room }) {
  if (room.kind !== "direct") return html`<${Icon} name=${roomIcon(room)} />`;
  return html`<${Avatar} user=${room.user} size="s" present=${isPresent(room.user) || undefined} />`;
}

function UnreadCount({ room: { unread, mentions, kind } }) {
  if (!unread) return null;
  const classes = mentions > 0 || kind === "direct" ? "count marked" : "count";
  const text = unread >= MOST_UNREAD ? "999+" : unread;
  const label = mentions > 0 ? ` unread, ${mentions} mention you` : " unread";
  return html`<span class="counts">
    ${mentions > 0 && html`<span class="mentioned" aria-hidden="true">@</span>`}
    <span class=${classes}>${text}<span class="visually-hidden">${label}</span></span>
  </span>`;
}

function Footer() {
  const user = me.value;
  if (!user) return null;
  const label = "Keyboard shortcuts";
  const props = { "aria-label": label, "title": label, onClick: () => openDialog("shortcuts") };
  return html`<footer>
    <button type="button" class="user-button" aria-label=${`You, ${user.name}`} onClick=${() => openDialog("account")}>
      <${Avatar} user=${user} /><span class="name">${user.name}</span>
    </button>
    <${ConnectionBadge} />
    <button type="button" class="quiet-button keys" ...${props}><${Icon} name="keys" /></button>
  </footer>`;
}
