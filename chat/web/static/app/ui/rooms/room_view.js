// The open room with its header, messages, composer and members; or why it cannot be shown; or a welcome.

import { html, useEffect } from "../../../vendor/ui.js";
import { currentRoomId, me, rooms } from "../../core/store.js";
import { ConnectionBanner } from "../common/connection_banner.js";
import { openDialog } from "../common/dialog_state.js";
import { Deferred } from "../common/load_deferred.js";
import { drawerOpen, memberPanelOpen } from "../common/panel_state.js";
import { problemMessage } from "../common/problem_messages.js";
import { Composer } from "../composer/composer.js";
import { TypingLine } from "../composer/typing_line.js";
import { TimelineView } from "../messages/timeline_view.js";
import { followMembers } from "../people/member_list.js";
import { isTemporary, useEnterRoom } from "./enter_room.js";
import { RoomHeader, SidebarButton } from "./room_header.js";

export function RoomView() {
  const id = currentRoomId.value;
  if (id === null) return html`<${Welcome} />`;
  return html`<${OpenRoom} key=${id} id=${id} />`;
}

function OpenRoom({ id }) {
  const room = rooms.value.get(id);
  const { isReady, isOut, problem, retry, join } = useEnterRoom(id, room);
  useEffect(() => (isReady ? followMembers(id) : undefined), [id, isReady]);
  if (problem && !isReady) return html`<${Unavailable} problem=${problem} retry=${retry} />`;
  if (isOut) return html`<${NotMember} room=${room} join=${join} />`;
  if (!room || !isReady) return html`<main class="placeholder" aria-busy="true" aria-label="Opening the room" />`;
  return html`
    <main class="room-view" inert=${drawerOpen.value}>
      <${RoomHeader} room=${room} />
      <${ConnectionBanner} />
      <${TimelineView} room=${room} key=${`t${id}`} />
      <${TypingLine} room=${room} />
      <${Composer} room=${room} key=${`c${id}`} />
    </main>
    ${memberPanelOpen.value && room.kind !== "direct" && html`<${Deferred} part="MemberPanel" room=${room} />`}
  `;
}

function NotMember({ room, join }) {
  const button = html`<button type="button" class="primary" onClick=${join}>Join</button>`;
  return html`<main class="placeholder">
    <${SidebarButton} />
    <${ConnectionBanner} />
    <h1>${room.name}</h1>
    <p role="status">You are no longer in this room.</p>
    ${room.kind === "open" && html`<p class="actions">${button}</p>`}
  </main>`;
}

function Unavailable({ problem, retry }) {
  const button = html`<button type="button" class="primary" onClick=${retry}>Try again</button>`;
  return html`<main class="placeholder">
    <${SidebarButton} />
    <h1>Nothing to see here</h1>
    <p role="alert">${reasonOf(problem)}</p>
    ${isTemporary(problem) && html`<p class="actions">${button}</p>`}
  </main>`;
}

function reasonOf(problem) {
  if (problem.status === 410) return "This room has ended.";
  if (problem.status === 404 || problem.status === 403) return "There is no such room, or it is not for you.";
  return problemMessage(problem);
}

function Welcome() {
  const hasRooms = [...rooms.value.values()].some((room) => room.joined);
  const name = me.value?.name;
  const hint = "You are in no room yet. Find one that is open, or make your own.";
  return html`<main class="placeholder">
    <${SidebarButton} />
    <${ConnectionBanner} />
    <h1>${hasRooms ? `Hello, ${name}` : `Welcome, ${name}`}</h1>
    <p>${hasRooms ? "Choose a room, or find one." : hint}</p>
    <p class="actions">
      <button class="primary" onClick=${() => openDialog("browse", { list: "rooms" })}>Find a room</button>
      <button onClick=${() => openDialog("createRoom")}>Make a room</button>
      <button onClick=${() => openDialog("browse", { list: "users" })}>Write to somebody</button>
    </p>
  </main>`;
}
