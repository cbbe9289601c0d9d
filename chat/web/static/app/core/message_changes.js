// Edits, deletes and reacts to messages. The page shows the change as soon as the service has it, a reaction at once.

import { Problem, call } from "./api.js";
import { me } from "./store.js";
import { showToast } from "./toasts.js";

/** @import {MessageWindow} from "./message_window.js" */

/** @param {MessageWindow} window @param {number} id @param {string} text @throws {Problem} */
export async function editMessage(window, id, text) {
  const { text: saved, edited_at } = await call("PATCH", `/message/${id}`, { text });
  window.change({ kind: "edited", message: { id, text: saved, edited_at } });
}

/** @param {MessageWindow} window @param {number} id @throws {Problem} */
export async function deleteMessage(window, id) {
  await call("DELETE", `/message/${id}`);
  window.change({ kind: "deleted", message: { id }, created_at: new Date().toISOString() });
}

/**
 * Adds a reaction (on) or removes it. Shown at once, and undone if the service refuses.
 * @param {MessageWindow} window @param {number} id @param {string} emoji @param {boolean} on
 */
export async function setReaction(window, id, emoji, on) {
  const user = { id: me.peek()?.id, name: me.peek()?.name };
  const show = (reacted) => window.change({ kind: reacted ? "reacted" : "unreacted", message: { id }, user, emoji });
  show(on);
  try {
    await call(on ? "PUT" : "DELETE", `/message/${id}/reactions/${encodeURIComponent(emoji)}`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    show(!on);
    showToast(problem.status ? `That reaction was refused: ${problem.detail}` : "That reaction did not get through.");
  }
}
