// Emoji in texts. Their names come with emojis.js, later than the page: until then `:name:` stands as it was written.

import { computed, signal } from "../../vendor/ui.js";

/** @type {{value: Map<string, string>}} name -> emoji */
const named = signal(new Map());
const names = computed(() => new Map([...named.value].map(([name, emoji]) => [emoji, name]).reverse()));
const ONLY = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier}|\u200D|\p{Regional_Indicator}|\s)+$/u;
const MOST_ALONE = 24; // code units: about three of the longest

export function learnEmoji(table) {
  named.value = table;
}

/** The emoji of that name; undefined for none. */
export function emojiNamed(name) {
  return named.value.get(name);
}

/** An emoji in words, for who cannot see it. */
export function nameOf(emoji) {
  return names.value.get(emoji)?.replaceAll("_", " ") ?? emoji;
}

/** Whether a text is nothing but a few emoji, which are then shown larger. */
export function isEmojiAlone(text) {
  return text.length <= MOST_ALONE && ONLY.test(text);
}
