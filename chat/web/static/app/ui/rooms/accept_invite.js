// Joins the room of an invitation that was followed. The invite key begins with the room's id.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { loadRooms } from "../../core/rooms.js";
import { navigate } from "../../core/router.js";
import { problemMessage } from "../common/problem_messages.js";

const INVITE_KEY = /^(\d{1,18})-./;

/** @param {{inviteKey: string}} props */
export function AcceptInvite({ inviteKey }) {
  const problem = useSignal(/** @type {Problem|null} */ (null));
  useEffect(() => {
    join(inviteKey).catch((error) => {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    });
  }, [inviteKey]);
  const leave = () => navigate("/", { replace: true });
  return html`<main class="placeholder">
    <h1>${problem.value ? "You could not join" : "Joining…"}</h1>
    <p role="alert">${problem.value && reasonOf(problem.value)}</p>
    ${problem.value && html`<button class="primary" onClick=${leave}>To your rooms</button>`}
  </main>`;
}

async function join(inviteKey) {
  const roomId = INVITE_KEY.exec(inviteKey)?.[1];
  if (!roomId) throw new Problem({ status: 404 });
  await call("POST", `/room/${roomId}/members`, { invite_key: inviteKey });
  await loadRooms();
  navigate(`/r/${roomId}`, { replace: true });
}

function reasonOf(problem) {
  if (problem.status === 404) return "This invitation is no longer good. Ask for a new one.";
  if (problem.status === 410) return "The room that you were invited to has ended.";
  return problemMessage(problem);
}
