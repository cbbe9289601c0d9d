// Which emoji picker is open: one at a time.

import { signal } from "../../../vendor/ui.js";

/** @type {import("../../../vendor/ui.js").Signal<{opener: HTMLElement, onPick: (emoji: string) => void}|null>} */
export const emojiPicker = signal(null);

/** Opens the picker beside a control. The same control closes it again.
 *  @param {HTMLElement} opener @param {(emoji: string) => void} onPick */
export function toggleEmojiPicker(opener, onPick) {
  emojiPicker.value = emojiPicker.value?.opener === opener ? null : { opener, onPick };
}
