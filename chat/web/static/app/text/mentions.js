// Whether a text mentions a user: @name as a whole word, in upper or lower case, by the same rule as the service.

const LETTER = "[\\p{Alphabetic}\\p{Nd}]"; // [[:alnum:]] in PostgreSQL
/** What may precede the at sign: after a letter it is an address. */
export const BEFORE = `(?<!${LETTER}|_)`;
/** A dot, dash or underline without a letter after it belongs to the sentence, not to the name. */
export const AFTER = `(?!${LETTER}|[._-]+${LETTER})`;

/** @param {string} text @param {string} name */
export function mentions(text, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`${BEFORE}@${escaped}${AFTER}`, "iu").test(text);
}
