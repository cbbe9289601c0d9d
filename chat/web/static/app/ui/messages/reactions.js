// The reactions below a message: a chip for each emoji, pressed if the user has reacted with it.

import { html } from "../../../vendor/ui.js";
import { hasReacted } from "../../core/message_list.js";
import { myId } from "../../core/store.js";
import { emojiName } from "../../text/emoji.js";
import { Icon } from "../common/icon.js";
import { toggleEmojiPicker } from "../composer/emoji_picker_state.js";

const NAMED = 12; // users by name; more are counted

export function Reactions({ message, timeline }) {
  const toggle = (emoji) => timeline.react(message.id, emoji, !hasReacted(message, { id: myId.value }, emoji));
  const add = (emoji) => timeline.react(message.id, emoji, true);
  const chip = (one) => html`<${Chip} key=${one.emoji} reaction=${one} onToggle=${() => toggle(one.emoji)} />`;
  return html`<div class="reactions" role="group" aria-label="Reactions">
    ${message.reactions.map(chip)}
    <${AddButton} onPick=${add} />
  </div>`;
}

function AddButton({ onPick }) {
  const label = "Add a reaction";
  const onClick = (event) => toggleEmojiPicker(event.currentTarget, onPick);
  return html`<button type="button" class="chip add" aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name="smile" />
  </button>`;
}

function Chip({ reaction: { emoji, users }, onToggle }) {
  const isMine = users.some((user) => user.id === myId.value);
  const names = namesOf(users);
  const name = emojiName(emoji);
  const labels = { "aria-label": `${name}, ${users.length}: ${names}`, "title": `${names}: ${name}` };
  return html`<button type="button" class="chip" aria-pressed=${isMine} ...${labels} onClick=${onToggle}>
    <span aria-hidden="true">${emoji}</span><b>${users.length}</b>
  </button>`;
}

function namesOf(users) {
  const names = users.slice(0, NAMED).map((user) => (user.id === myId.value ? "you" : user.name));
  const more = users.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}
