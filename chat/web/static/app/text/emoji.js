// Emoji in texts. Their names are loaded later than the page (emoji_table.js): until then `:name:` stays as it was
// written.

import { computed, signal } from "../../vendor/ui.js";

/** @import {Signal} from "../../vendor/ui.js" */

/** Name -> emoji. @type {Signal<Map<string, string>>} */
const byName = signal(new Map());
/** Emoji -> its first name. */
const nameByEmoji = computed(() => {
  const pairs = [...byName.value].map(([name, emoji]) => /** @type {const} */ ([emoji, name]));
  return new Map(pairs.reverse());
});
const ONLY_EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier}|\u200D|\p{Regional_Indicator}|\s)+$/u;
const MOST_LARGE = 24; // code units: about three of the longest emoji

/** @param {Map<string, string>} table name -> emoji */
export function setEmojiTable(table) {
  byName.value = table;
}

/** @param {string} name */
export function emojiByName(name) {
  return byName.value.get(name);
}

/** The emoji in words, for screen readers. @param {string} emoji */
export function emojiName(emoji) {
  return nameByEmoji.value.get(emoji)?.replaceAll("_", " ") ?? emoji;
}

/** Whether a text is nothing but a few emoji, which are then shown larger. @param {string} text */
export function isOnlyEmoji(text) {
  return text.length <= MOST_LARGE && ONLY_EMOJI.test(text);
}
