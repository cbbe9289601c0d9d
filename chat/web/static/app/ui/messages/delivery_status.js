// The status of an unconfirmed message: sending, with progress, or failed, with the ways to retry or discard it.

import { html } from "../../../vendor/ui.js";
import { tooLargeMessage } from "../common/file_size.js";
import { problemMessage } from "../common/problem_messages.js";

const FINAL = new Set([400, 403, 404, 410, 413, 415, 422]); // a retry would be refused again

export function DeliveryStatus({ message, timeline }) {
  if (message.state === "failed") return html`<${Failed} message=${message} timeline=${timeline} />`;
  if (message.file) return html`<${UploadProgress} message=${message} timeline=${timeline} />`;
  return html`<p class="delivery-status">Sending…</p>`;
}

function Failed({ message, timeline }) {
  const retry = () => timeline.retry(message);
  const discard = () => timeline.discard(message);
  return html`<p class="delivery-status error" role="alert">
    <span>Not sent. ${reasonOf(message)}</span>
    ${!FINAL.has(message.problem?.status) && html`<button type="button" class="small" onClick=${retry}>Retry</button>`}
    <button type="button" class="small" onClick=${discard}>Discard</button>
  </p>`;
}

function reasonOf({ problem, file }) {
  if (!problem) return "It may have got through: trying again posts it once at most.";
  if (problem.status === 0) return "It will be when the connection is back.";
  if (problem.status === 413) return tooLargeMessage(file);
  if (problem.status === 507) return `There is no room left for this file. ${problemMessage(problem)}`;
  return problemMessage(problem);
}

function UploadProgress({ message, timeline }) {
  const { name, progress } = message.file;
  const part = progress.value;
  const cancel = () => timeline.discard(message);
  return html`<p class="delivery-status">
    <progress value=${part} max="1" aria-label="Uploading ${name}" />
    <span>${part < 1 ? `${Math.floor(part * 100)} %` : "Finishing…"}</span>
    <button type="button" class="small" aria-label="Cancel ${name}" onClick=${cancel}>Cancel</button>
  </p>`;
}
