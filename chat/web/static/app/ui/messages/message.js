// One message: sender, time, content, delivery status, and its actions while it is active.

import { html, useComputed, useSignal } from "../../../vendor/ui.js";
import { me } from "../../core/store.js";
import { isOnlyEmoji } from "../../text/emoji.js";
import { format, plain } from "../../text/format.js";
import { openDialog } from "../common/dialog_state.js";
import { firstPaintDone } from "../common/first_paint.js";
import { Deferred } from "../common/load_deferred.js";
import { Avatar } from "../people/avatar.js";
import { knownNames } from "../people/known_names.js";
import { Attachment } from "./attachment.js";
import { DeliveryStatus } from "./delivery_status.js";
import { activeKey } from "./message_navigation.js";
import { formatFull, timeOfDay } from "./message_time.js";
import { Reactions } from "./reactions.js";

const LONG = { lines: 30, characters: 2500 }; // a longer message is shown in part, and whole on demand

/**
 * hasHeader: with the sender's name; isRoomOwner: the reader owns the room.
 * @param {{message: any, messageKey: string, hasHeader: boolean, isRoomOwner: boolean, timeline: any}} props
 */
export function Message({ message, messageKey, hasHeader, isRoomOwner, timeline }) {
  const isActive = useComputed(() => activeKey.value === messageKey);
  const { sender, pending } = message;
  const label = `${sender?.name ?? "Announcement"}, ${timeOfDay(message.created_at)}`;
  const attributes = { "class": classesOf(message, hasHeader), "data-key": messageKey, "data-id": message.id };
  const hasActions = isActive.value && !pending && !message.deleted_at;
  return html`<article ...${attributes} tabindex="-1" aria-label=${label}>
    <div class="gutter">${hasHeader ? avatar(sender) : time(message, isActive.value)}</div>
    <div class="body">
      ${hasHeader && html`<header>${senderName(sender)}${time(message, isActive.value)}</header>`}
      ${content(message, timeline)}
    </div>
    ${hasActions && html`<${Deferred} part="MessageActions" ...${{ message, isRoomOwner, timeline }} />`}
  </article>`;
}

function classesOf({ sender, pending, state }, hasHeader) {
  return ["message", hasHeader && "head", pending && state, !sender && "announcement"].filter(Boolean).join(" ");
}

// These functions are not components: a page has hundreds of messages, and each component costs.

function content(message, timeline) {
  if (message.deleted_at) return html`<p class="deleted">This message was deleted.</p>`;
  const { text, file, reactions, edited_at, pending, reply_to } = message;
  const editedTitle = edited_at && firstPaintDone.value ? `Edited ${formatFull(edited_at)}` : undefined;
  return html`
    ${reply_to && html`<${Quote} message=${reply_to} />`}
    ${text && html`<${MessageText} text=${text} />`}
    ${edited_at && html`<small class="edited" title=${editedTitle}>edited</small>`}
    ${file && html`<${Attachment} file=${file} pending=${pending} />`}
    ${reactions?.length > 0 && html`<${Reactions} message=${message} timeline=${timeline} />`}
    ${pending && html`<${DeliveryStatus} message=${message} timeline=${timeline} />`}
  `;
}

const avatar = (user) => user && html`<${Avatar} user=${user} />`;

function senderName(user) {
  if (!user) return html`<b class="sender">Announcement</b>`;
  const onClick = () => openDialog("profile", { user });
  return html`<button type="button" class="link sender" onClick=${onClick}><bdi>${user.name}</bdi></button>`;
}

/** Only the active message has its full date as a title: to format it takes time. */
function time({ created_at }, isActive) {
  const title = isActive ? formatFull(created_at) : undefined;
  return html`<time datetime=${created_at} title=${title}>${timeOfDay(created_at)}</time>`;
}

/** The message that is replied to. A click leads there. */
function Quote({ message: { id, sender, text } }) {
  const name = sender?.name ?? "Announcement";
  const excerpt = plain(text);
  const label = `In reply to ${name}: ${excerpt || "a deleted message"}`;
  return html`<button type="button" class="quote" data-goes=${id} aria-label=${label}>
    <bdi class="quoted-sender">${name}</bdi> <bdi class=${excerpt ? "" : "deleted"}>${excerpt || "deleted"}</bdi>
  </button>`;
}

function MessageText({ text }) {
  const names = knownNames.value;
  const nodes = format(text, { me: me.value, knows: (name) => names.has(name) });
  const isWhole = useSignal(!isLong(text));
  const classes = ["message-text", isOnlyEmoji(text) && "emoji", !isWhole.value && "cut"].filter(Boolean).join(" ");
  return html`<div class=${classes}>${nodes}</div>${isLong(text) && showMoreButton(isWhole)}`;
}

function showMoreButton(isWhole) {
  const toggle = () => (isWhole.value = !isWhole.value);
  return html`<button type="button" class="link small" aria-expanded=${isWhole.value} onClick=${toggle}>
    ${isWhole.value ? "Show less" : "Show all of it"}
  </button>`;
}

function isLong(text) {
  if (text.length > LONG.characters) return true;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines > LONG.lines;
}
