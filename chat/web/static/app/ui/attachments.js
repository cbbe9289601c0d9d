/** Files: those of messages, as pictures, films, sounds or links; and those about to be sent, with what is wrong with them. */
import { html, signal } from "../../vendor/ui.js";
import { toast } from "../core/store.js";
import { Icon } from "./icon.js";
import { LARGEST, inWords, tooLarge } from "./sizes.js";

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const WIDEST = 26; // rem, of a picture in a message
const TALLEST = 18;
const MOST = 20; // files at a time

/** pending: its bytes are here still. */
export function FileView({ file, pending }) {
  const { url, preview, preview_url, type, name } = file;
  if (preview_url || preview) return html`<${Picture} file=${file} />`;
  if (!pending && type.startsWith("video/")) return html`<video class="film" controls preload="metadata" src=${url} aria-label=${name} />`;
  if (!pending && type.startsWith("audio/")) return html`<${Named} file=${file} /><audio class="sound" controls preload="none" src=${url} aria-label=${name} />`;
  return html`<${Named} file=${file} />`;
}

/** Its place is kept before it is there, so that nothing moves when it comes. */
function Picture({ file: { url, preview, preview_url, name, width, height } }) {
  const image = html`<img src=${preview ?? preview_url} alt=${name} width=${width ?? undefined} height=${height ?? undefined} style=${fitted(width, height)} decoding="async" />`;
  if (!url) return html`<span class="shown">${image}</span>`;
  return html`<a class="shown" href=${url} target="_blank" rel="noopener" title=${name}>${image}</a>`;
}

function fitted(width, height) {
  if (!width || !height) return undefined;
  const scale = Math.min(1, (WIDEST * 16) / width, (TALLEST * 16) / height);
  return { width: `${(width * scale) / 16}rem`, aspectRatio: `${width} / ${height}` };
}

function Named({ file: { url, name, size } }) {
  const inside = html`<${Icon} name="file" /><bdi class="name">${name}</bdi><small>${inWords(size)}</small>`;
  if (!url) return html`<span class="named">${inside}</span>`;
  return html`<a class="named" href=${url} download=${name}>${inside}</a>`;
}

// About to be sent

/** @typedef {{id: number, blob: File, preview: string|null, wrong: string}} Chosen */

let number = 0;

/** The files chosen for a room's next message. */
export class Tray {
  constructor() {
    /** Those that are refused first, so that they are seen however many there are. @type {{value: Chosen[]}} */
    this.files = signal([]);
  }

  /** As many as there is room for. @param {Iterable<File>} given */
  add(given) {
    const offered = [...given];
    const taken = offered.slice(0, Math.max(0, MOST - this.files.value.length));
    this.files.value = [...this.files.value, ...taken.map(chosen)].sort((one, other) => Boolean(other.wrong) - Boolean(one.wrong));
    const left = offered.length - taken.length;
    if (left) toast(`${MOST} files at a time: ${left} ${left > 1 ? "were" : "was"} left out`);
  }

  remove(id) {
    const { preview } = this.files.value.find((file) => file.id === id) ?? {};
    if (preview) URL.revokeObjectURL(preview);
    this.files.value = this.files.value.filter((file) => file.id !== id);
  }

  /** Those that may be sent; the others stay, with what is wrong with them. */
  take() {
    const fine = this.files.value.filter((file) => !file.wrong);
    this.files.value = this.files.value.filter((file) => file.wrong);
    return fine;
  }

  clear() {
    for (const { id } of this.files.value) this.remove(id);
  }
}

function chosen(blob) {
  const wrong = blob.size > LARGEST ? tooLarge(blob) : "";
  return { id: (number += 1), blob, wrong, preview: PICTURE.test(blob.type) && !wrong ? URL.createObjectURL(blob) : null };
}

export function TrayView({ tray }) {
  const files = tray.files.value;
  if (!files.length) return null;
  return html`<ul class="tray" aria-label="Files to send">
    ${files.map((file) => html`<${Item} key=${file.id} file=${file} onRemove=${() => tray.remove(file.id)} />`)}
  </ul>`;
}

function Item({ file: { blob, preview, wrong }, onRemove }) {
  return html`<li class=${wrong ? "refused" : ""}>
    ${preview ? html`<img src=${preview} alt="" />` : html`<${Icon} name="file" />`}
    <span class="what"><bdi class="name">${blob.name}</bdi>${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : html`<small>${inWords(blob.size)}</small>`}</span>
    <button type="button" class="quiet-button" aria-label="Remove ${blob.name}" onClick=${onRemove}><${Icon} name="close" /></button>
  </li>`;
}
