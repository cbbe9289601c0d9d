/** An invitation that was followed: the key begins with the room's id, and lets whoever shows it in. */
import { html, useEffect, useSignal } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { go } from "../core/route.js";
import { loadRooms } from "../core/store.js";
import { sentence } from "./sentences.js";

const ROOM = /^(\d{1,18})-./;

export function Join({ invitation }) {
  const problem = useSignal(null);
  useEffect(() => {
    enter(invitation).catch((error) => {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    });
  }, [invitation]);
  return html`<main class="empty">
    <h1>${problem.value ? "You could not join" : "Joining…"}</h1>
    <p role="alert">${problem.value && reason(problem.value)}</p>
    ${problem.value && html`<button class="primary" onClick=${() => go("/", { replace: true })}>To your rooms</button>`}
  </main>`;
}

async function enter(key) {
  const room = ROOM.exec(key)?.[1];
  if (!room) throw new Problem({ status: 404 });
  await call("POST", `/room/${room}/members`, { invite_key: key });
  await loadRooms();
  go(`/r/${room}`, { replace: true });
}

function reason(problem) {
  if (problem.status === 404) return "This invitation is no longer good. Ask for a new one.";
  if (problem.status === 410) return "The room that you were invited to has ended.";
  return sentence(problem);
}
