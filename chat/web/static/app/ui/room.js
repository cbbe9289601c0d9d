/** The room that is open: found and entered if need be, with its header, messages, composer and members. */
import { html, useEffect, useRef, useSignal } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { asRoom, currentId, live, me, newer, patchRoom, rooms, roomsLoaded } from "../core/store.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { openDialog } from "./dialogs/open.js";
import { drawer, panel } from "./drawer.js";
import { Header, RoomsButton } from "./header.js";
import { Late } from "./later.js";
import { keepRoster } from "./roster.js";
import { sentence } from "./sentences.js";
import { Timeline } from "./timeline.js";
import { Typing } from "./typing.js";

export function RoomView() {
  const id = currentId.value;
  if (id === null) return html`<${Welcome} />`;
  return html`<${Entered} key=${id} id=${id} />`;
}

function Entered({ id }) {
  const room = rooms.value.get(id);
  const { ready, isOut, problem, again, join } = useEntering(id, room);
  useEffect(() => (ready ? keepRoster(id) : undefined), [id, ready]);
  if (problem && !ready) return html`<${Nowhere} problem=${problem} again=${again} />`;
  if (isOut) return html`<${Out} room=${room} join=${join} />`;
  if (!ready) return html`<main class="empty" aria-busy="true" aria-label="Opening the room" />`;
  return html`
    <main class="room" inert=${drawer.value}>
      <${Header} room=${room} />
      <${Banner} />
      <${Timeline} room=${room} key=${`t${id}`} />
      <${Typing} room=${room} />
      <${Composer} room=${room} key=${`c${id}`} />
    </main>
    ${panel.value && room.kind !== "direct" && html`<${Late} part="Members" room=${room} />`}
  `;
}

/** Enters the room, and does so again when what was in the way may have passed. Whoever was in it and is not any more (`isOut`: by leaving
 *  elsewhere, or removed) joins it by their own will only. */
function useEntering(id, room) {
  const problem = useSignal(null);
  const wasIn = useRef(false);
  const ready = Boolean(room?.joined);
  if (ready) wasIn.current = true;
  const isOut = Boolean(room && !ready && wasIn.current);
  const attempt = (join) => enter(id, room, join).catch((error) => {
    if (!(error instanceof Problem)) throw error;
    problem.value = error;
  });
  const tries = useSignal(0); // a problem that came and went between two drawings would be no change
  const again = () => {
    problem.value = null;
    tries.value += 1;
  };
  useEffect(() => {
    if (ready) problem.value = null;
    else if (roomsLoaded.value && !isOut && !problem.value) attempt(!wasIn.current);
  }, [id, ready, isOut, roomsLoaded.value, problem.value, tries.value]);
  useEffect(() => void (live.value && problem.value && passes(problem.value) && again()), [live.value]);
  return { ready, isOut, problem: problem.value, again, join: () => attempt(true) };
}

/** Opening an open room that one has not joined joins it, unless it is only to be looked up. Throws Problem. */
async function enter(id, known, join) {
  const room = known ?? (await call("GET", `/room/${id}`));
  if (room.kind === "direct") return patchRoom(id, await conversation(room));
  if (!room.joined && !join) return patchRoom(id, room);
  if (!room.joined) await call("POST", `/room/${id}/members`, {});
  return patchRoom(id, newer({ ...(await call("GET", `/room/${id}`)), joined: true }));
}

async function conversation(room) {
  const found = (await call("GET", "/conversations?limit=500")).find((one) => one.id === room.id);
  const members = found ? [] : await call("GET", `/room/${room.id}/members`);
  const user = members.map((one) => one.user).find((one) => one.id !== me.value.id);
  return asRoom(found ?? { id: room.id, user, read: 0, unread: 0, mentions: 0, newest: 0 });
}

/** Whether another attempt may end otherwise. */
function passes({ status }) {
  return !status || status === 429 || status >= 500;
}

function Out({ room, join }) {
  return html`<main class="empty">
    <${RoomsButton} />
    <${Banner} />
    <h1>${room.name}</h1>
    <p role="status">You are no longer in this room.</p>
    ${room.kind === "open" && html`<p class="actions"><button type="button" class="primary" onClick=${join}>Join</button></p>`}
  </main>`;
}

function Nowhere({ problem, again }) {
  const missing = problem.status === 404 || problem.status === 403;
  const why = problem.status === 410 ? "This room has ended." : missing ? "There is no such room, or it is not for you." : sentence(problem);
  return html`<main class="empty">
    <${RoomsButton} />
    <h1>Nothing to see here</h1>
    <p role="alert">${why}</p>
    ${passes(problem) && html`<p class="actions"><button type="button" class="primary" onClick=${again}>Try again</button></p>`}
  </main>`;
}

function Welcome() {
  const joined = [...rooms.value.values()].filter((room) => room.joined);
  return html`<main class="empty">
    <${RoomsButton} />
    <${Banner} />
    <h1>${joined.length ? `Hello, ${me.value.name}` : `Welcome, ${me.value.name}`}</h1>
    <p>${joined.length ? "Choose a room, or find one." : "You are in no room yet. Find one that is open, or make your own."}</p>
    <p class="actions">
      <button class="primary" onClick=${() => openDialog("find", { what: "rooms" })}>Find a room</button>
      <button onClick=${() => openDialog("create")}>Make a room</button>
      <button onClick=${() => openDialog("find", { what: "people" })}>Write to somebody</button>
    </p>
  </main>`;
}
