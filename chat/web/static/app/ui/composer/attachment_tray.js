// The files that go with the next message, and why one of them cannot be sent.

import { html, signal } from "../../../vendor/ui.js";
import { showToast } from "../../core/toasts.js";
import { MAX_FILE_BYTES, formatBytes, tooLargeMessage } from "../common/file_size.js";
import { Icon } from "../common/icon.js";

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const MOST = 20; // files at a time

/** @import {Signal} from "../../../vendor/ui.js" */
/** @typedef {{id: number, blob: File, preview: string|null, problem: string}} TrayFile */

let lastId = 0;

export class AttachmentTray {
  constructor() {
    /** Files with a problem come first, so that they are seen however many there are. @type {Signal<TrayFile[]>} */
    this.files = signal([]);
  }

  /** Adds as many as there is room for. @param {Iterable<File>} blobs */
  add(blobs) {
    const offered = [...blobs];
    const added = offered.slice(0, Math.max(0, MOST - this.files.value.length));
    this.files.value = [...this.files.value, ...added.map(trayFile)].sort(byProblem);
    const rest = offered.length - added.length;
    if (rest) showToast(`${MOST} files at a time: ${rest} ${rest > 1 ? "were" : "was"} left out`);
  }

  /** @param {number} id */
  remove(id) {
    const preview = this.files.value.find((file) => file.id === id)?.preview;
    if (preview) URL.revokeObjectURL(preview);
    this.files.value = this.files.value.filter((file) => file.id !== id);
  }

  /** Removes and returns the files that may be sent. The others stay, with their problems. */
  take() {
    const sendable = this.files.value.filter((file) => !file.problem);
    this.files.value = this.files.value.filter((file) => file.problem);
    return sendable;
  }

  clear() {
    for (const { id } of this.files.value) this.remove(id);
  }
}

function byProblem(one, other) {
  return Number(Boolean(other.problem)) - Number(Boolean(one.problem));
}

function trayFile(blob) {
  const problem = blob.size > MAX_FILE_BYTES ? tooLargeMessage(blob) : "";
  const preview = PICTURE.test(blob.type) && !problem ? URL.createObjectURL(blob) : null;
  return { id: (lastId += 1), blob, problem, preview };
}

/** @param {{tray: AttachmentTray}} props */
export function TrayView({ tray }) {
  const files = tray.files.value;
  if (!files.length) return null;
  return html`<ul class="attachment-tray" aria-label="Files to send">
    ${files.map((file) => html`<${TrayItem} key=${file.id} file=${file} onRemove=${() => tray.remove(file.id)} />`)}
  </ul>`;
}

function TrayItem({ file: { blob, preview, problem }, onRemove }) {
  const note = problem
    ? html`<span class="error" role="alert">${problem}</span>`
    : html`<small>${formatBytes(blob.size)}</small>`;
  return html`<li class=${problem ? "refused" : ""}>
    ${preview ? html`<img src=${preview} alt="" />` : html`<${Icon} name="file" />`}
    <span class="details"><bdi class="name">${blob.name}</bdi>${note}</span>
    <button type="button" class="quiet-button" aria-label="Remove ${blob.name}" onClick=${onRemove}>
      <${Icon} name="close" />
    </button>
  </li>`;
}
