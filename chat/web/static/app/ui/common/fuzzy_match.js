// Ranks names by how well they match what the user types: the whole name, its beginning, a word's beginning, anywhere,
// or the letters in order.

/** Larger is better, 0: no match. @param {string} name @param {string} query */
export function matchScore(name, query) {
  const [text, typed] = [name, query].map((each) => each.normalize("NFC").toLowerCase());
  if (!typed) return 1;
  if (text === typed) return 6;
  if (text.startsWith(typed)) return 5;
  if (text.split(/[\s._-]+/).some((word) => word.startsWith(typed))) return 4;
  if (text.includes(typed)) return 3;
  return hasLettersInOrder(text, typed) ? 2 : 0;
}

function hasLettersInOrder(text, typed) {
  let at = 0;
  for (const letter of typed) {
    at = text.indexOf(letter, at) + 1;
    if (!at) return false;
  }
  return true;
}

/** Made at first use: a collator for each comparison would take longer than the sorting. @type {Intl.Collator|null} */
let collator = null;

/**
 * Compares for sorting. Digits count as numbers, so that 2 comes before 10.
 * @param {{name: string}} one
 * @param {{name: string}} other
 */
export function compareNames(one, other) {
  collator ??= new Intl.Collator(undefined, { numeric: true });
  return collator.compare(one.name, other.name);
}

/**
 * The items that match, the best first. Equal ones keep their order.
 * @template T @param {T[]} items @param {(item: T) => string} nameOf @param {string} query @returns {T[]}
 */
export function bestMatches(items, nameOf, query) {
  const scored = items.map((item) => ({ item, score: matchScore(nameOf(item), query) })).filter(({ score }) => score);
  return scored.sort((one, other) => other.score - one.score).map(({ item }) => item);
}
