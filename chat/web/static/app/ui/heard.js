/** What others just said in the open room, told politely to whoever hears the page. */
import { html } from "../../vendor/ui.js";
import { plain } from "../text/format.js";

const TOLD = 3; // at once; more are counted
const LENGTH = 200;

export function Heard({ timeline }) {
  const fresh = timeline.heard.value;
  const words = fresh.length > TOLD ? `${fresh.length} new messages` : fresh.map(told).join(". ");
  return html`<div class="unseen" role="status" aria-live="polite"><span key=${fresh.at(-1)?.id}>${words}</span></div>`; // the same again is new
}

function told({ sender, text, file }) {
  return `${sender?.name ?? "Announcement"}: ${(plain(text) || file?.name || "").slice(0, LENGTH)}`;
}
