/** Which emoji picker is open: one at a time. */
import { signal } from "../../vendor/ui.js";

/** @type {{value: {opener: HTMLElement, onPick: (emoji: string) => void}|null}} */
export const picking = signal(null);

/** Opens it; the same control closes it again. */
export function pickEmoji(opener, onPick) {
  picking.value = picking.value?.opener === opener ? null : { opener, onPick };
}
