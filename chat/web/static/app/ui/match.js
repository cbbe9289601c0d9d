/** How well a name answers to what somebody types: the whole, a beginning, a word's beginning, anywhere, or its letters in order. */

/** Larger is better, 0: not at all. */
export function score(name, sought) {
  const [where, what] = [name, sought].map((text) => text.normalize("NFC").toLowerCase());
  if (!what) return 1;
  if (where === what) return 6;
  if (where.startsWith(what)) return 5;
  if (where.split(/[\s._-]+/).some((word) => word.startsWith(what))) return 4;
  if (where.includes(what)) return 3;
  return inOrder(where, what) ? 2 : 0;
}

function inOrder(where, what) {
  let at = 0;
  for (const letter of what) {
    at = where.indexOf(letter, at) + 1;
    if (!at) return false;
  }
  return true;
}

let collator = null; // made when first asked for: to make one for each comparison takes longer than to sort

/** For sorting: a number in a name counts as one, so that 2 comes before 10. */
export function byName(one, other) {
  collator ??= new Intl.Collator(undefined, { numeric: true });
  return collator.compare(one.name, other.name);
}

/** Those that match, the best first; equals stay as they were. */
export function best(items, nameOf, sought) {
  const scored = items.map((item) => [score(nameOf(item), sought), item]).filter(([points]) => points);
  return scored.sort(([one], [other]) => other - one).map(([, item]) => item);
}
