/** Where one can go: rooms and conversations with what is unread, the way to others, and oneself. */
import { computed, html, useEffect, useRef } from "../../vendor/ui.js";
import { openRoom } from "../core/route.js";
import { currentId, me, rooms, roomsLoaded } from "../core/store.js";
import { Avatar } from "./avatar.js";
import { Transport } from "./banner.js";
import { openDialog } from "./dialogs/open.js";
import { NARROW, drawer } from "./drawer.js";
import { Icon, Lock, iconOf } from "./icon.js";
import { levelOf } from "./levels.js";
import { byName } from "./match.js";
import { isHere } from "./roster.js";
import { settled } from "./settled.js";

export const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);
const MOST = 1000; // the service counts no further

/** The rooms that one is in, by name. */
export const joinedRooms = computed(() => mine((room) => room.kind !== "direct").sort(byName));
/** Conversations, the latest first. */
export const conversations = computed(() => mine((room) => room.kind === "direct").sort((one, other) => other.newest - one.newest));

function mine(wanted) {
  return [...rooms.value.values()].filter((room) => room.joined && wanted(room));
}

export function Sidebar() {
  const nav = useRef(null);
  useEffect(() => {
    if (drawer.value) nav.current.querySelector("[aria-current], a, button")?.focus();
  }, [drawer.value]);
  if (NARROW.matches && !drawer.value && !settled.value) return null; // out of sight, and there is more to do
  return html`
    <div class="scrim" onClick=${() => (drawer.value = false)} />
    <nav class="sidebar" aria-label="Rooms" ref=${nav}>
      <button type="button" class="finder" onClick=${() => openDialog("switcher")}>
        <${Icon} name="search" /><span>Go to…</span><kbd aria-hidden="true">${APPLE ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <div class="lists">
        <${Group} title="Rooms" items=${joinedRooms.value} empty="You are in no room yet.">
          <${Add} icon="browse" name="Find a room" onClick=${() => openDialog("find", { what: "rooms" })} />
          <${Add} icon="plus" name="Make a room" onClick=${() => openDialog("create")} />
        </${Group}>
        <${Group} title="Conversations" items=${conversations.value} empty="You have written to nobody yet.">
          <${Add} icon="write" name="Write to somebody" onClick=${() => openDialog("find", { what: "people" })} />
        </${Group}>
      </div>
      <${Foot} />
    </nav>`;
}

function Group({ title, items, empty, children }) {
  return html`<section>
    <header><h2>${title}</h2>${children}</header>
    ${items.length > 0 ? html`<ul>${items.map((room) => html`<${Item} key=${room.id} room=${room} />`)}</ul>` : roomsLoaded.value && html`<p class="hint">${empty}</p>`}
  </section>`;
}

function Add({ icon, name, onClick }) {
  return html`<button type="button" class="quiet-button" aria-label=${name} title=${name} onClick=${onClick}><${Icon} name=${icon} /></button>`;
}

function Item({ room }) {
  const link = useRef(null);
  const here = currentId.value === room.id;
  useEffect(() => {
    if (here) link.current.scrollIntoView({ block: "nearest" });
  }, [here]);
  const muted = levelOf(room) === "nothing";
  const classes = [room.unread > 0 && !muted && "news", muted && "muted"].filter(Boolean).join(" ");
  return html`<li>
    <a ref=${link} href="/r/${room.id}" class=${classes} aria-current=${here ? "page" : undefined} onClick=${(event) => follow(event, room.id)}>
      ${room.kind === "direct" ? html`<${Avatar} user=${room.user} size="s" present=${isHere(room.user) || undefined} />` : html`<${Icon} name=${iconOf(room)} />`}
      <span class="name">${room.name}</span>
      <${Lock} room=${room} />
      <${Count} room=${room} />
    </a>
  </li>`;
}

/** Opens a room without loading the page anew, unless another tab is asked for. */
export function follow(event, id, message) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  drawer.value = false;
  openRoom(id, message);
}

function Count({ room: { unread, mentions, kind } }) {
  if (!unread) return null;
  const shown = unread >= MOST ? "999+" : unread;
  const marked = mentions > 0 || kind === "direct";
  return html`<span class="counts">
    ${mentions > 0 && html`<span class="at" aria-hidden="true">@</span>`}
    <span class=${marked ? "count marked" : "count"}>${shown}<span class="unseen"> unread${mentions > 0 && `, ${mentions} mention you`}</span></span>
  </span>`;
}

function Foot() {
  return html`<footer>
    <button type="button" class="person" aria-label=${`You, ${me.value.name}`} onClick=${() => openDialog("you")}>
      <${Avatar} user=${me.value} /><span class="name">${me.value.name}</span>
    </button>
    <${Transport} />
    <button type="button" class="quiet-button keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts" onClick=${() => openDialog("shortcuts")}><${Icon} name="keys" /></button>
  </footer>`;
}
