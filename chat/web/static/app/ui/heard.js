/** What others just said in the open room, told politely to whoever hears the page. */
import { html } from "../../vendor/ui.js";

const TOLD = 3; // at once; more are counted
const LENGTH = 200;

export function Heard({ timeline }) {
  const fresh = timeline.heard.value;
  return html`<div class="unseen" role="status" aria-live="polite">${fresh.length > TOLD ? `${fresh.length} new messages` : fresh.map(told).join(". ")}</div>`;
}

function told({ sender, text, file }) {
  return `${sender?.name ?? "Announcement"}: ${(text || file?.name || "").slice(0, LENGTH)}`;
}
