// The file of a message: a picture, a video, a sound, or a link.

import { html } from "../../../vendor/ui.js";
import { formatBytes } from "../common/file_size.js";
import { Icon } from "../common/icon.js";

const REM_PX = 16;
const MAX_WIDTH = 26 * REM_PX; // of a picture
const MAX_HEIGHT = 18 * REM_PX;

/** pending: the file is still being sent, and has no address yet. @param {{file: any, pending?: boolean}} props */
export function Attachment({ file, pending }) {
  const { url, preview, preview_url, type, name } = file;
  if (preview_url || preview) return html`<${Picture} file=${file} />`;
  const media = { src: url, controls: true, "aria-label": name };
  if (!pending && type.startsWith("video/")) {
    return html`<video class="attachment-video" preload="metadata" ...${media} />`;
  }
  const link = html`<${FileLink} file=${file} />`;
  if (!pending && type.startsWith("audio/")) {
    return [link, html`<audio class="attachment-audio" preload="none" ...${media} />`];
  }
  return link;
}

/** Its size is fixed before it is loaded, so that nothing moves then. */
function Picture({ file: { url, preview, preview_url, name, width, height } }) {
  const size = { width: width ?? undefined, height: height ?? undefined, style: fittedStyle(width, height) };
  const image = html`<img src=${preview ?? preview_url} alt=${name} ...${size} decoding="async" />`;
  if (!url) return html`<span class="attachment-picture">${image}</span>`;
  return html`<a class="attachment-picture" href=${url} target="_blank" rel="noopener" title=${name}>${image}</a>`;
}

function fittedStyle(width, height) {
  if (!width || !height) return undefined;
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  return { width: `${(width * scale) / REM_PX}rem`, aspectRatio: `${width} / ${height}` };
}

function FileLink({ file: { url, name, size } }) {
  const label = html`<${Icon} name="file" /><bdi class="name">${name}</bdi><small>${formatBytes(size)}</small>`;
  if (!url) return html`<span class="attachment-link">${label}</span>`;
  return html`<a class="attachment-link" href=${url} download=${name}>${label}</a>`;
}
