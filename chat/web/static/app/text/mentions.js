/** Whether a text means somebody: @name as a whole word, in any case, as the service counts it. */

const WORD = "[\\p{L}\\p{N}_]";

export function mentions(text, name) {
  const word = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<!${WORD}|[.-])@${word}(?!${WORD}|-|\\.${WORD})`, "iu").test(text);
}
