/** Reactions below a message: one chip an emoji, pressed where one is among those who reacted so. */
import { html } from "../../vendor/ui.js";
import { me } from "../core/store.js";
import { nameOf } from "../text/emoji.js";
import { Icon } from "./icon.js";
import { pickEmoji } from "./picking.js";

const NAMED = 12; // people by name; more are counted

export function Reactions({ message, timeline }) {
  const mine = ({ users }) => users.some((user) => user.id === me.value.id);
  const toggle = (emoji, on) => timeline.react(message.id, emoji, on);
  return html`<div class="reactions" role="group" aria-label="Reactions">
    ${message.reactions.map((one) => html`<${Chip} key=${one.emoji} reaction=${one} pressed=${mine(one)} onToggle=${() => toggle(one.emoji, !mine(one))} />`)}
    <button type="button" class="chip add" aria-label="Add a reaction" title="Add a reaction" onClick=${(event) => pickEmoji(event.currentTarget, (emoji) => toggle(emoji, true))}><${Icon} name="smile" /></button>
  </div>`;
}

function Chip({ reaction: { emoji, users }, pressed, onToggle }) {
  const who = named(users);
  return html`<button type="button" class="chip" aria-pressed=${pressed} aria-label="${nameOf(emoji)}, ${users.length}: ${who}" title="${who}: ${nameOf(emoji)}" onClick=${onToggle}>
    <span aria-hidden="true">${emoji}</span><b>${users.length}</b>
  </button>`;
}

function named(users) {
  const names = users.slice(0, NAMED).map((user) => (user.id === me.value.id ? "you" : user.name));
  const more = users.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}
