// File sizes in words, and the largest that the service accepts.

const UNITS = ["bytes", "KB", "MB", "GB"];

/** In bytes, from the shell, which has it from the service's settings. */
export const MAX_FILE_BYTES = Number(document.documentElement.dataset.fileBytes || Infinity);

/** @param {number} bytes */
export function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const number = bytes / 1000 ** power;
  const options = { maximumFractionDigits: number < 10 && power ? 1 : 0 };
  return `${number.toLocaleString(undefined, options)} ${UNITS[power]}`;
}

/** @param {{size: number}} file */
export function tooLargeMessage({ size }) {
  const most = Number.isFinite(MAX_FILE_BYTES) ? `: ${formatBytes(MAX_FILE_BYTES)} is the most` : "";
  return `The file is too large (${formatBytes(size)})${most}.`;
}
