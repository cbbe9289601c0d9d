// The actions of the active message: react, reply, copy the link, edit, delete.

import { html } from "../../../vendor/ui.js";
import { hasReacted } from "../../core/message_list.js";
import { myId } from "../../core/store.js";
import { showToast } from "../../core/toasts.js";
import { openDialog } from "../common/dialog_state.js";
import { Icon } from "../common/icon.js";
import { startEdit, startReply } from "../composer/composer_mode.js";
import { toggleEmojiPicker } from "../composer/emoji_picker_state.js";

export function MessageActions({ message, isRoomOwner, timeline }) {
  const isMine = message.sender?.id === myId.value;
  const react = (emoji) => timeline.react(message.id, emoji, !hasReacted(message, { id: myId.value }, emoji));
  const compose = (start) => () => {
    start(message);
    /** @type {HTMLElement|null} */ (document.querySelector(".composer textarea"))?.focus();
  };
  const confirmDelete = () => openDialog("deleteMessage", { message, timeline });
  const pick = (event) => toggleEmojiPicker(event.currentTarget, react);
  return html`<div class="message-actions" role="group" aria-label="What to do with this message">
    <${ActionButton} icon="smile" label="React" onClick=${pick} />
    <${ActionButton} icon="reply" label="Reply" onClick=${compose(startReply)} />
    <${ActionButton} icon="link" label="Copy link" onClick=${() => copyLink(message)} />
    ${isMine && html`<${ActionButton} icon="write" label="Edit" onClick=${compose(startEdit)} />`}
    ${(isMine || isRoomOwner) && html`<${ActionButton} icon="trash" label="Delete" onClick=${confirmDelete} />`}
  </div>`;
}

function ActionButton({ icon, label, onClick }) {
  return html`<button type="button" class="quiet-button" aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name=${icon} />
  </button>`;
}

/** If the page may not write to the clipboard, the link is shown instead. */
async function copyLink({ room, id }) {
  const link = `${location.origin}/r/${room.id}/${id}`;
  try {
    await navigator.clipboard.writeText(link);
    showToast("The link is copied.");
  } catch {
    showToast(link);
  }
}
