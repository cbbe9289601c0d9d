/** Whether a text means somebody: @name as a whole word, in any case, as the service counts it. */

const LETTER = "[\\p{Alphabetic}\\p{Nd}]"; // the database's [[:alnum:]]
/** What may stand before the @: a letter right there makes an address of it. */
export const BEFORE = `(?<!${LETTER}|_)`;
/** A dot, dash or underline that no letter follows ends the sentence, not the name. */
export const AFTER = `(?!${LETTER}|[._-]+${LETTER})`;

export function mentions(text, name) {
  const word = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`${BEFORE}@${word}${AFTER}`, "iu").test(text);
}
