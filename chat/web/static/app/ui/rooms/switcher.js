// The quick switcher (Ctrl/Cmd+K): a few letters lead to any room, conversation or user.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { myId, rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { bestMatches } from "../common/fuzzy_match.js";
import { Icon } from "../common/icon.js";
import { Avatar } from "../people/avatar.js";
import { closeDialogAndOpen, conversationWith, openConversation } from "../people/open_conversation.js";
import { users } from "../people/user_directory.js";
import { roomIcon } from "./room_icon.js";
import { conversations, joinedRooms } from "./room_lists.js";

/** @import {Room, User} from "../../core/store.js" */

const SHOWN = 12;
const TYPING_PAUSE_MS = 150; // before the service is asked for rooms and users that the page does not know

export function Switcher() {
  const text = useSignal("");
  const selected = useSignal(0);
  const query = text.value.trim();
  const targets = targetsFor(query, useRemote(query)).slice(0, SHOWN);
  const at = Math.min(selected.value, targets.length - 1);
  const onInput = (event) => {
    text.value = event.target.value;
    selected.value = 0;
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) selected.value = (at + step + targets.length) % targets.length;
    else if (event.key === "Enter" && !event.isComposing) targets[at]?.open();
    else return;
    event.preventDefault();
  };
  const labels = { "aria-label": "Room or person", "placeholder": "Room or person" };
  const active = targets[at] && `offer-${at}`;
  const state = { "aria-expanded": "true", "aria-controls": "offers", "aria-activedescendant": active };
  return html`<${Dialog} title="Go to" className="top switcher">
    <input type="text" role="combobox" ...${labels} ...${state} autofocus autocomplete="off" spellcheck=${false}
      onInput=${onInput} onKeyDown=${onKeyDown} />
    <ul id="offers" role="listbox" aria-label="Rooms and people">
      ${targets.map((target, index) => html`
        <${Target} key=${target.key} target=${target} id="offer-${index}" selected=${index === at} />`)}
    </ul>
    ${!targets.length && html`<p class="hint" role="status">Nothing by that name.</p>`}
  </${Dialog}>`;
}

function Target({ target: { name, note, user, icon, unread, open }, id, selected }) {
  return html`<li id=${id} role="option" aria-selected=${selected} onClick=${open}>
    ${user ? html`<${Avatar} user=${user} size="s" />` : html`<${Icon} name=${icon} />`}
    <span class="name">${name}</span>
    <small>${note}</small>
    ${unread > 0 && html`<span class="count">${unread}<span class="visually-hidden"> unread</span></span>`}
  </li>`;
}

/**
 * Without a query the user's conversations and rooms, unread ones first. With a query everything, the best match first.
 */
function targetsFor(query, remote) {
  const own = [...conversations.value, ...joinedRooms.value].map(roomTarget);
  if (!query) return own.sort((one, other) => Number(other.unread > 0) - Number(one.unread > 0));
  const all = [...own, ...otherRooms(remote).map(roomTarget), ...otherUsers(remote).map(userTarget)];
  return bestMatches(all, (target) => target.name, query);
}

/** Rooms that the user has not joined. */
function otherRooms(remote) {
  const byId = new Map([...rooms.value.values(), ...remote.rooms].map((room) => [room.id, room]));
  return [...byId.values()].filter((room) => !rooms.value.get(room.id)?.joined);
}

/** Users without a conversation. */
function otherUsers(remote) {
  const byId = new Map([...users.value.values(), ...remote.users].map((user) => [user.id, user]));
  return [...byId.values()].filter((user) => user.id !== myId.value && !conversationWith(user));
}

/** @param {Room} room */
function roomTarget(room) {
  const isDirect = room.kind === "direct";
  const picture = isDirect ? { user: room.user } : { icon: roomIcon(room) };
  const note = isDirect ? "conversation" : room.joined ? "" : "open room, not joined";
  const open = () => closeDialogAndOpen(room.id);
  return { key: `r${room.id}`, name: room.name, unread: room.unread, note, open, ...picture };
}

/** @param {User} user */
function userTarget(user) {
  return { key: `u${user.id}`, name: user.name, user, unread: 0, note: "write to", open: () => openConversation(user) };
}

/** Rooms and users that the service finds beside those that the page knows. */
function useRemote(query) {
  const remote = useSignal({ rooms: [], users: [] });
  useEffect(() => {
    if (query.length < 2) return undefined;
    const controller = new AbortController();
    const search = () =>
      fetchTargets(query, controller.signal).then((found) => (remote.value = found), () => undefined);
    const timer = setTimeout(search, TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query]);
  return remote.value;
}

async function fetchTargets(query, signal) {
  const parameters = `?limit=${SHOWN}&name=${encodeURIComponent(query)}`;
  const lists = ["/rooms", "/users"].map((path) => call("GET", path + parameters, undefined, { signal }));
  const [foundRooms, foundUsers] = await Promise.all(lists);
  return { rooms: foundRooms, users: foundUsers };
}
