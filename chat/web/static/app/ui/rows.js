/** A timeline as rows: its beginning, days, where the new begins, and messages, those of one sender together. A message that is handed the
 *  same as before is not drawn again: it reads signals, and such components compare what they are given. */
import { html } from "../../vendor/ui.js";
import { Message } from "./message.js";
import { dayInWords, dayOf } from "./times.js";

const TOGETHER_MS = 5 * 60_000;

const times = new WeakMap(); // message -> when it was said, read once

export function rowsOf(items, { timeline, room, owned, newFrom, hasOlder }) {
  const rows = [html`<${Beginning} key="beginning" room=${room} hasOlder=${hasOlder} />`];
  let before = null;
  for (const message of items) {
    const { day } = timeOf(message);
    const otherDay = !before || day !== timeOf(before).day;
    const isNew = message.id === newFrom && newFrom !== null;
    if (otherDay) rows.push(html`<h2 class="day" key="day ${day}"><span>${dayInWords(day)}</span></h2>`);
    if (isNew) rows.push(html`<div class="new" key="new" data-new role="separator" aria-label="New messages"><span>New</span></div>`);
    rows.push(row(message, { head: otherDay || isNew || !goesWith(before, message), owned, timeline }));
    before = message;
  }
  return rows;
}

function row(message, { head, owned, timeline }) {
  const key = String(message.key ?? message.id);
  return html`<${Message} key=${key} name=${key} message=${message} head=${head} owned=${owned} timeline=${timeline} />`;
}

/** Whether a message needs no name of its own, for it follows one of the same sender. */
function goesWith(before, message) {
  return (
    before.sender?.id === message.sender?.id &&
    message.kind !== "announcement" &&
    !message.reply_to &&
    timeOf(message).moment - timeOf(before).moment < TOGETHER_MS
  );
}

function timeOf(message) {
  const known = times.get(message) ?? { moment: Date.parse(message.created_at), day: dayOf(message.created_at) };
  times.set(message, known);
  return known;
}

function Beginning({ room, hasOlder }) {
  if (hasOlder) return html`<p class="beginning" aria-hidden="true">…</p>`;
  const what = room.kind === "direct" ? `your conversation with ${room.name}` : room.name;
  return html`<p class="beginning">This is the beginning of <bdi>${what}</bdi>.</p>`;
}

