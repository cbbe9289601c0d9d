/** What the composer is about beside a new message: an answer to one, or the correction of one. Of the room that is open. */
import { batch, signal } from "../../vendor/ui.js";

/** @type {{value: object|null}} the message that is answered */
export const replyTo = signal(null);
/** @type {{value: object|null}} the message that is edited */
export const editing = signal(null);

export function reply(message) {
  batch(() => {
    editing.value = null;
    replyTo.value = { id: message.id, sender: message.sender, text: message.text || message.file?.name || "" };
  });
}

export function edit(message) {
  editing.value = message;
}

export function stopWriting() {
  batch(() => {
    editing.value = null;
    replyTo.value = null;
  });
}
