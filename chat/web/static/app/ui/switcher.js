/** Ctrl/Cmd+K: a few letters lead to any room, conversation or person. */
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { call } from "../core/api.js";
import { me, rooms } from "../core/store.js";
import { Avatar } from "./avatar.js";
import { Dialog } from "./dialogs/dialog.js";
import { Icon, iconOf } from "./icon.js";
import { best } from "./match.js";
import { conversationWith, leaveFor, openPerson } from "./open.js";
import { people } from "./people.js";
import { conversations, joinedRooms } from "./sidebar.js";

const SHOWN = 12;
const PAUSE_MS = 150; // in typing, before the service is asked for what this page does not know

export function Switcher() {
  const sought = useSignal("");
  const chosen = useSignal(0);
  const more = useMore(sought.value.trim());
  const found = offers(sought.value.trim(), more).slice(0, SHOWN);
  const at = Math.min(chosen.value, found.length - 1);
  const onInput = (event) => {
    sought.value = event.target.value;
    chosen.value = 0;
  };
  const onKeyDown = (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) chosen.value = (at + way + found.length) % found.length;
    else if (event.key === "Enter" && !event.isComposing) found[at]?.open();
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title="Go to" className="top switcher">
    <input type="text" role="combobox" aria-label="Room or person" placeholder="Room or person" autofocus autocomplete="off" spellcheck=${false}
      aria-expanded="true" aria-controls="offers" aria-activedescendant=${found[at] && `offer-${at}`} onInput=${onInput} onKeyDown=${onKeyDown} />
    <ul id="offers" role="listbox" aria-label="Rooms and people">
      ${found.map((offer, index) => html`<${Offer} key=${offer.key} offer=${offer} id="offer-${index}" chosen=${index === at} />`)}
    </ul>
    ${!found.length && html`<p class="hint" role="status">Nothing by that name.</p>`}
  </${Dialog}>`;
}

function Offer({ offer, id, chosen }) {
  return html`<li id=${id} role="option" aria-selected=${chosen} onClick=${offer.open}>
    ${offer.user ? html`<${Avatar} user=${offer.user} size="s" />` : html`<${Icon} name=${offer.icon} />`}
    <span class="name">${offer.name}</span>
    <small>${offer.note}</small>
    ${offer.unread > 0 && html`<span class="count">${offer.unread}<span class="unseen"> unread</span></span>`}
  </li>`;
}

/** Without letters: what is unread first, then the conversations and rooms one is in. With letters: everything, the best match first. */
function offers(sought, more) {
  const own = [...conversations.value, ...joinedRooms.value].map(ofRoom);
  if (!sought) return own.sort((one, other) => (other.unread > 0) - (one.unread > 0));
  const others = [...new Map([...rooms.value.values(), ...more.rooms].map((room) => [room.id, room])).values()];
  const known = new Map([...people.value.values(), ...more.people].map((user) => [user.id, user]));
  const strangers = [...known.values()].filter((user) => user.id !== me.value.id && !conversationWith(user));
  const all = [...own, ...others.filter((room) => !rooms.value.get(room.id)?.joined).map(ofRoom), ...strangers.map(ofUser)];
  return best(all, (offer) => offer.name, sought);
}

function ofRoom(room) {
  const note = room.kind === "direct" ? "conversation" : room.joined ? "" : "open room, not joined";
  const picture = room.kind === "direct" ? { user: room.user } : { icon: iconOf(room) };
  return { key: `r${room.id}`, name: room.name, unread: room.unread, note, open: () => leaveFor(room.id), ...picture };
}

function ofUser(user) {
  return { key: `u${user.id}`, name: user.name, user, note: "write to", open: () => openPerson(user) };
}

/** What the service finds beside what this page knows of a large place. */
function useMore(sought) {
  const more = useSignal({ rooms: [], people: [] });
  useEffect(() => {
    if (sought.length < 2) return undefined;
    const gone = new AbortController();
    const timer = setTimeout(() => ask(sought, gone.signal).then((found) => (more.value = found), () => undefined), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [sought]);
  return more.value;
}

async function ask(sought, signal) {
  const query = `?limit=${SHOWN}&name=${encodeURIComponent(sought)}`;
  const [found, users] = await Promise.all(["/rooms", "/users"].map((path) => call("GET", path + query, undefined, { signal })));
  return { rooms: found, people: users };
}
