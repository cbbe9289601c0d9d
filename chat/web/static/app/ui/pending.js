/** What becomes of a message that is not confirmed: on its way, how far, or failed, and what can be done then. */
import { html } from "../../vendor/ui.js";
import { sentence } from "./sentences.js";
import { tooLarge } from "./sizes.js";

const NEVER = new Set([400, 403, 404, 410, 413, 415, 422]); // the same again would be refused again

export function Pending({ message, timeline }) {
  if (message.state === "sending") return message.file ? html`<${Progress} message=${message} timeline=${timeline} />` : html`<p class="state">Sending…</p>`;
  const again = !NEVER.has(message.problem?.status);
  return html`<p class="state wrong" role="alert">
    <span>Not sent. ${why(message)}</span>
    ${again && html`<button type="button" class="small" onClick=${() => timeline.retry(message)}>Retry</button>`}
    <button type="button" class="small" onClick=${() => timeline.discard(message)}>Discard</button>
  </p>`;
}

function why({ problem, file }) {
  if (!problem) return "It may have got through: trying again posts it once at most.";
  if (problem.status === 0) return "It will be when the connection is back.";
  if (problem.status === 413) return tooLarge(file);
  if (problem.status === 507) return `There is no room left for this file. ${sentence(problem)}`;
  return sentence(problem);
}

function Progress({ message, timeline }) {
  const part = message.file.progress.value;
  const name = `Uploading ${message.file.name}`;
  return html`<p class="state">
    <progress value=${part} max="1" aria-label=${name} />
    <span>${part < 1 ? `${Math.floor(part * 100)} %` : "Finishing…"}</span>
    <button type="button" class="small" aria-label="Cancel ${message.file.name}" onClick=${() => timeline.discard(message)}>Cancel</button>
  </p>`;
}
