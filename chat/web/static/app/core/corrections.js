// What one does to messages that are there: seen on this page as soon as the service has it, or before.

import { Problem, call } from "./api.js";
import { me, toast } from "./store.js";

/** @param {import("./run.js").Run} run @param {number} id Throws Problem. */
export async function edit(run, id, text) {
  const { text: now, edited_at } = await call("PATCH", `/message/${id}`, { text });
  run.correct({ kind: "edited", message: { id, text: now, edited_at } });
}

/** For good. Throws Problem. */
export async function remove(run, id) {
  await call("DELETE", `/message/${id}`);
  run.correct({ kind: "deleted", message: { id }, created_at: new Date().toISOString() });
}

/** Reacts, or takes it back; seen at once, and undone where the service refuses. */
export async function react(run, id, emoji, on) {
  const user = { id: me.peek().id, name: me.peek().name };
  const say = (reacts) => run.correct({ kind: reacts ? "reacted" : "unreacted", message: { id }, user, emoji });
  say(on);
  try {
    await call(on ? "PUT" : "DELETE", `/message/${id}/reactions/${encodeURIComponent(emoji)}`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    say(!on);
    toast(problem.status ? `That reaction was refused: ${problem.detail}` : "That reaction did not get through.");
  }
}
