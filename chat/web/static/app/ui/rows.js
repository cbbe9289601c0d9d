/** Messages as rows: days, where the new begins, and the messages, those of one sender together. What is handed the same as before is not
 *  drawn again: it reads signals, and such components compare what they are given. */
import { html } from "../../vendor/ui.js";
import { Message } from "./message.js";
import { nameOf } from "./stretches.js";
import { dayInWords, dayOf } from "./times.js";

const TOGETHER_MS = 5 * 60_000;

const times = new WeakMap(); // message -> when it was said, read once

/** A part of the messages, and the one before it. */
export function Stretch({ messages, before, owned, timeline }) {
  const newFrom = timeline.newFrom.value;
  const rows = [];
  for (const message of messages) {
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
  const name = nameOf(message);
  return html`<${Message} key=${name} name=${name} message=${message} head=${head} owned=${owned} timeline=${timeline} />`;
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

/** What stands above the first message. */
export function Beginning({ kind, name, hasOlder }) {
  if (hasOlder) return html`<p class="beginning" aria-hidden="true">…</p>`;
  const what = kind === "direct" ? `your conversation with ${name}` : name;
  return html`<p class="beginning">This is the beginning of <bdi>${what}</bdi>.</p>`;
}
