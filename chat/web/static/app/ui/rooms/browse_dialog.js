// Lists open rooms to join, or users to write to.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { myId, rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { openDialog } from "../common/dialog_state.js";
import { compareNames } from "../common/fuzzy_match.js";
import { Icon } from "../common/icon.js";
import { Avatar } from "../people/avatar.js";
import { closeDialogAndOpen, openConversation } from "../people/open_conversation.js";
import { roomIcon } from "./room_icon.js";

const PAGE = 100;
const TYPING_PAUSE_MS = 150;
const LISTS = {
  rooms: {
    title: "Find a room", path: "/rooms", label: "Name of the room", empty: "No room by that name.",
    Row: RoomRow,
  },
  users: {
    title: "Write to somebody", path: "/users", label: "Name of the person", empty: "Nobody by that name.",
    Row: UserRow,
  },
};

/** @param {{list: "rooms"|"users"}} props */
export function BrowseDialog({ list }) {
  const { title, path, label, Row, empty } = LISTS[list];
  const text = useSignal("");
  const query = text.value.trim();
  const found = useList(path, query);
  const items = list === "rooms" ? unjoinedFirst(found ?? []) : (found ?? []).filter((user) => user.id !== myId.value);
  const onInput = (event) => (text.value = event.target.value);
  const field = { "aria-label": label, "placeholder": label, "spellcheck": false, onInput };
  return html`<${Dialog} title=${title} className="top browse-dialog">
    <input type="search" autofocus autocomplete="off" ...${field} />
    <ul class="choices">${items.map((item) => html`<li key=${item.id}><${Row} item=${item} /></li>`)}</ul>
    <p class="hint" role="status">${found && !items.length ? empty : ""}</p>
    ${list === "rooms" && html`<${CreateButton} name=${query} />`}
  </${Dialog}>`;
}

function CreateButton({ name }) {
  const onClick = () => openDialog("createRoom", { name });
  return html`<div class="actions"><button type="button" onClick=${onClick}>Make a room</button></div>`;
}

/** null until there is a response. */
function useList(path, query) {
  const found = useSignal(/** @type {any[]|null} */ (null));
  useEffect(() => {
    const controller = new AbortController();
    const url = `${path}?limit=${PAGE}&name=${encodeURIComponent(query)}`;
    const load = () =>
      call("GET", url, undefined, { signal: controller.signal }).then((list) => (found.value = list), () => undefined);
    const timer = setTimeout(load, query ? TYPING_PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [path, query]);
  return found.value;
}

const isJoined = (room) => rooms.value.get(room.id)?.joined ?? room.joined;

function unjoinedFirst(list) {
  return list.toSorted((one, other) => Number(isJoined(one)) - Number(isJoined(other)) || compareNames(one, other));
}

function RoomRow({ item: room }) {
  const joined = isJoined(room);
  return html`<button type="button" onClick=${() => closeDialogAndOpen(room.id)}>
    <${Icon} name=${roomIcon(room)} />
    <span class="name">${room.name}<small>${room.topic}</small></span>
    <small>${room.members} ${room.members === 1 ? "member" : "members"}</small>
    <span class=${joined ? "badge" : "badge join"}>${joined ? "joined" : "Join"}</span>
  </button>`;
}

function UserRow({ item: user }) {
  return html`<button type="button" onClick=${() => openConversation(user)}>
    <${Avatar} user=${user} />
    <span class="name">${user.name}<small>${user.about}</small></span>
  </button>`;
}
