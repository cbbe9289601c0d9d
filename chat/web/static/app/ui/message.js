/** One message: who, when, what, what became of it, and, where one looks, what can be done with it. */
import { html, useComputed, useSignal } from "../../vendor/ui.js";
import { me } from "../core/store.js";
import { isEmojiAlone } from "../text/emoji.js";
import { format, plain } from "../text/format.js";
import { FileView } from "./attachments.js";
import { Avatar } from "./avatar.js";
import { openDialog } from "./dialogs/open.js";
import { Late } from "./later.js";
import { known } from "./names.js";
import { Pending } from "./pending.js";
import { Reactions } from "./reactions.js";
import { settled } from "./settled.js";
import { active } from "./stepping.js";
import { inFull, timeOfDay } from "./times.js";

const LONG = { lines: 30, characters: 2500 }; // past either a message is shown in part, and whole on demand

/** head: it begins what a sender says, and names them; owned: the room is the reader's; name: what it is known by on this page */
export function Message({ message, name, head, owned, timeline }) {
  const isActive = useComputed(() => active.value === name);
  const { sender, pending, state } = message;
  const who = sender?.name ?? "Announcement";
  const classes = ["message", head && "head", pending && state, !sender && "announced"].filter(Boolean).join(" ");
  return html`<article class=${classes} data-key=${name} data-id=${message.id} tabindex="-1" aria-label="${who}, ${timeOfDay(message.created_at)}">
    <div class="gutter">${head ? sender && html`<${Avatar} user=${sender} />` : time(message, isActive.value)}</div>
    <div class="body">
      ${head && html`<header>${sender ? nameOf(sender) : html`<b class="who">Announcement</b>`}${time(message, isActive.value)}</header>`}
      ${content(message, timeline)}
    </div>
    ${isActive.value && !pending && !message.deleted_at && html`<${Late} part="Tools" message=${message} owned=${owned} timeline=${timeline} />`}
  </article>`;
}

// Parts that are no components of their own: a message has enough of them, and a list has hundreds of messages.

function content(message, timeline) {
  if (message.deleted_at) return html`<p class="gone">This message was deleted.</p>`;
  const { text, file, reactions, edited_at, pending, reply_to } = message;
  return html`
    ${reply_to && html`<${Quote} message=${reply_to} />`}
    ${text && html`<${Text} text=${text} />`}
    ${edited_at && html`<small class="edited" title=${settled.value ? `Edited ${inFull(edited_at)}` : undefined}>edited</small>`}
    ${file && html`<${FileView} file=${file} pending=${pending} />`}
    ${reactions?.length > 0 && html`<${Reactions} message=${message} timeline=${timeline} />`}
    ${pending && html`<${Pending} message=${message} timeline=${timeline} />`}
  `;
}

function nameOf(user) {
  return html`<button type="button" class="link who" onClick=${() => openDialog("person", { user })}><bdi>${user.name}</bdi></button>`;
}

/** looked: it is looked at, and says in full when that was. */
function time({ created_at }, looked) {
  return html`<time datetime=${created_at} title=${looked ? inFull(created_at) : undefined}>${timeOfDay(created_at)}</time>`;
}

/** What is answered; it leads there. */
function Quote({ message: { id, sender, text } }) {
  const name = sender?.name ?? "Announcement";
  const said = plain(text);
  return html`<button type="button" class="quote" data-goes=${id} aria-label="In reply to ${name}: ${said || "a deleted message"}">
    <bdi class="whom">${name}</bdi> <bdi class=${said ? "" : "gone"}>${said || "deleted"}</bdi>
  </button>`;
}

function Text({ text }) {
  const names = known.value;
  const nodes = format(text, { me: me.value, knows: (name) => names.has(name) });
  const whole = useSignal(!isLong(text));
  const classes = ["text", isEmojiAlone(text) && "emoji", !whole.value && "cut"].filter(Boolean).join(" ");
  return html`<div class=${classes}>${nodes}</div>
    ${isLong(text) && html`<button type="button" class="link small" aria-expanded=${whole.value} onClick=${() => (whole.value = !whole.value)}>
      ${whole.value ? "Show less" : "Show all of it"}
    </button>`}`;
}

function isLong(text) {
  if (text.length > LONG.characters) return true;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines > LONG.lines;
}
