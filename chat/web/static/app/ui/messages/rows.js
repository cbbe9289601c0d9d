// Messages as rows: day headings, the line above the first new message, and the messages, those of one sender together.
// A component that reads signals is drawn again only if its props change, so unchanged rows are skipped.

import { html } from "../../../vendor/ui.js";
import { messageKey } from "./chunks.js";
import { Message } from "./message.js";
import { dayLabel, dayOf } from "./message_time.js";

const TOGETHER_MS = 5 * 60_000;

/** Message -> when it was sent, parsed once. @type {WeakMap<object, {time: number, day: number}>} */
const times = new WeakMap();

/** One chunk of the messages. */
export function MessageRows({ messages, before, isRoomOwner, timeline }) {
  const firstNewId = timeline.firstNewId.value;
  const rows = [];
  let previous = before;
  for (const message of messages) {
    const { day } = timeOf(message);
    const isOtherDay = !previous || day !== timeOf(previous).day;
    const isFirstNew = message.id === firstNewId && firstNewId !== null;
    if (isOtherDay) rows.push(html`<h2 class="day" key="day ${day}"><span>${dayLabel(day)}</span></h2>`);
    if (isFirstNew) rows.push(newMessagesLine());
    const hasHeader = isOtherDay || isFirstNew || !continues(previous, message);
    rows.push(row(message, { hasHeader, isRoomOwner, timeline }));
    previous = message;
  }
  return rows;
}

function newMessagesLine() {
  return html`<div class="new" key="new" data-new role="separator" aria-label="New messages"><span>New</span></div>`;
}

function row(message, props) {
  const key = messageKey(message);
  return html`<${Message} key=${key} messageKey=${key} message=${message} ...${props} />`;
}

/** Whether a message needs no header, because it follows one of the same sender. */
function continues(previous, message) {
  return (
    previous.sender?.id === message.sender?.id &&
    message.kind !== "announcement" &&
    !message.reply_to &&
    timeOf(message).time - timeOf(previous).time < TOGETHER_MS
  );
}

function timeOf(message) {
  const known = times.get(message) ?? { time: Date.parse(message.created_at), day: dayOf(message.created_at) };
  times.set(message, known);
  return known;
}

/** Above the first message. */
export function Beginning({ kind, name, hasOlder }) {
  if (hasOlder) return html`<p class="beginning" aria-hidden="true">…</p>`;
  const place = kind === "direct" ? `your conversation with ${name}` : name;
  return html`<p class="beginning">This is the beginning of <bdi>${place}</bdi>.</p>`;
}
