// Whether the composer of the open room writes a new message, a reply, or an edit.

import { batch, signal } from "../../../vendor/ui.js";

/** @import {Signal} from "../../../vendor/ui.js" */
/** @import {Message} from "../../core/message_list.js" */

/** The message that is replied to. @type {Signal<{id: number, sender: Message["sender"], text: string}|null>} */
export const replyTo = signal(null);
/** The message that is edited. @type {Signal<Message|null>} */
export const editing = signal(null);

/** @param {Message} message */
export function startReply(message) {
  batch(() => {
    editing.value = null;
    replyTo.value = { id: message.id, sender: message.sender, text: message.text || message.file?.name || "" };
  });
}

/** @param {Message} message */
export function startEdit(message) {
  editing.value = message;
}

/** Back to a new message. */
export function resetMode() {
  batch(() => {
    editing.value = null;
    replyTo.value = null;
  });
}
