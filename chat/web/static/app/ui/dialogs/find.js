/** Finds open rooms to join, or people to write to. */
import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { me, rooms } from "../../core/store.js";
import { Avatar } from "../avatar.js";
import { Icon, iconOf } from "../icon.js";
import { byName } from "../match.js";
import { leaveFor, openPerson } from "../open.js";
import { Dialog } from "./dialog.js";
import { openDialog } from "./open.js";

const PAGE = 100;
const PAUSE_MS = 150;
const KINDS = {
  rooms: { title: "Find a room", path: "/rooms", label: "Name of the room", Row: RoomRow, none: "No room by that name." },
  people: { title: "Write to somebody", path: "/users", label: "Name of the person", Row: PersonRow, none: "Nobody by that name." },
};

/** @param {{what: "rooms"|"people"}} props */
export function Find({ what }) {
  const { title, path, label, Row, none } = KINDS[what];
  const sought = useSignal("");
  const found = useFound(path, sought.value.trim());
  const shown = what === "rooms" ? newFirst(found ?? []) : (found ?? []).filter((one) => one.id !== me.value.id);
  return html`<${Dialog} title=${title} className="top find">
    <input type="search" aria-label=${label} placeholder=${label} autofocus autocomplete="off" spellcheck=${false} onInput=${(event) => (sought.value = event.target.value)} />
    <ul class="choices">${shown.map((one) => html`<li key=${one.id}><${Row} one=${one} /></li>`)}</ul>
    <p class="hint" role="status">${found && !shown.length ? none : ""}</p>
    ${what === "rooms" && html`<div class="actions"><button type="button" onClick=${() => openDialog("create", { name: sought.value.trim() })}>Make a room</button></div>`}
  </${Dialog}>`;
}

function useFound(path, sought) {
  const found = useSignal(null);
  useEffect(() => {
    const gone = new AbortController();
    const ask = () => call("GET", `${path}?limit=${PAGE}&name=${encodeURIComponent(sought)}`, undefined, { signal: gone.signal });
    const timer = setTimeout(() => ask().then((list) => (found.value = list), () => undefined), sought ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [path, sought]);
  return found.value;
}

const isJoined = (room) => rooms.value.get(room.id)?.joined ?? room.joined;

/** Those that one is not in yet are what one looks for. */
function newFirst(found) {
  return found.toSorted((one, other) => isJoined(one) - isJoined(other) || byName(one, other));
}

function RoomRow({ one: room }) {
  const joined = isJoined(room);
  return html`<button type="button" onClick=${() => leaveFor(room.id)}>
    <${Icon} name=${iconOf(room)} />
    <span class="name">${room.name}<small>${room.topic}</small></span>
    <small>${room.members} ${room.members === 1 ? "member" : "members"}</small>
    <span class=${joined ? "tag" : "tag join"}>${joined ? "joined" : "Join"}</span>
  </button>`;
}

function PersonRow({ one: user }) {
  return html`<button type="button" onClick=${() => openPerson(user)}>
    <${Avatar} user=${user} />
    <span class="name">${user.name}<small>${user.about}</small></span>
  </button>`;
}
