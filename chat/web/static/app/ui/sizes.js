/** Sizes of files, as people say them, and the largest that the service takes. */

const UNITS = ["bytes", "KB", "MB", "GB"];

/** In bytes, from the shell, which has it from the service's own settings. */
export const LARGEST = Number(document.documentElement.dataset.fileBytes || Infinity);

export function inWords(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const number = bytes / 1000 ** power;
  return `${number.toLocaleString(undefined, { maximumFractionDigits: number < 10 && power ? 1 : 0 })} ${UNITS[power]}`;
}

export function tooLarge({ size }) {
  const most = Number.isFinite(LARGEST) ? `: ${inWords(LARGEST)} is the most` : "";
  return `The file is too large (${inWords(size)})${most}.`;
}
