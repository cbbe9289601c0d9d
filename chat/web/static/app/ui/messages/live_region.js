// Announces new messages of others in the open room to screen readers.

import { html } from "../../../vendor/ui.js";
import { plain } from "../../text/format.js";

const MOST = 3; // messages that are read out at once; more are counted
const LENGTH = 200; // characters of each

export function LiveRegion({ timeline }) {
  const messages = timeline.announced.value;
  const text = messages.length > MOST ? `${messages.length} new messages` : messages.map(describe).join(". ");
  // The key makes a new element, so that the same text again is announced again.
  const key = messages.at(-1)?.id;
  return html`<div class="visually-hidden" role="status" aria-live="polite"><span key=${key}>${text}</span></div>`;
}

function describe({ sender, text, file }) {
  return `${sender?.name ?? "Announcement"}: ${(plain(text) || file?.name || "").slice(0, LENGTH)}`;
}
