// A message's text as nodes: fences, quotes, bold, italic, struck, code, links, emoji, mentions. Never as HTML, and in linear time,
// whatever the text: each character is looked at a few times at most, and nothing nests deeper than the kinds there are.

import { html } from "../../vendor/ui.js";
import { inline } from "./inline.js";

const DEPTH = 3; // of quotes in quotes: what is quoted deeper stands as it was written
const PIECES = 400; // of a message, blocks and all that is more than plain text in them: what comes after them is plain, so that a page of such messages stays quick
const FENCE = /^\s{0,3}```([\w+#.-]{0,30})\s*$/;
const QUOTE = /^> ?/;

/**
 * @typedef {{me?: {name: string}|null, knows?: (name: string) => boolean}} Whom whose mentions stand out; `knows` gets names in lower case
 * @param {string} text
 * @param {Whom} [whom]
 * @returns {any[]} preact nodes
 */
export function format(text, whom = {}) {
  return blocks(text.split("\n"), { whom, left: PIECES }, 0);
}

/** What a text says without its marks, on one line: for where it is only told of. */
export function plain(text) {
  return format(text).map(words).join(" ").replaceAll("\n", " ");
}

function words(node) {
  if (Array.isArray(node)) return node.map(words).join("");
  return typeof node === "string" ? node : words(node?.props.children ?? "");
}

/** @typedef {{whom: Whom, left: number}} Way how many pieces may still be made */

function blocks(lines, way, depth) {
  const made = [];
  for (let at = 0; at < lines.length; ) {
    const { node, next } = block(lines, at, way, depth);
    made.push(node);
    at = next;
  }
  return made;
}

function block(lines, at, way, depth) {
  way.left -= 1;
  if (way.left <= 0) return { node: html`<p dir="auto">${lines.slice(at).join("\n")}</p>`, next: lines.length };
  if (FENCE.test(lines[at])) return fence(lines, at);
  if (isQuote(lines[at], depth)) return quote(lines, at, way, depth);
  return paragraph(lines, at, way, depth);
}

const isQuote = (line, depth) => depth < DEPTH && QUOTE.test(line);

/** Code between two fences, or to the end where the second one is missing. */
function fence(lines, at) {
  const end = until(lines, at + 1, (line) => line.trim() === "```");
  const node = html`<pre tabindex="0" dir="ltr"><code>${lines.slice(at + 1, end).join("\n")}</code></pre>`;
  return { node, next: end + 1 };
}

function quote(lines, at, way, depth) {
  const end = until(lines, at, (line) => !QUOTE.test(line));
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return { node: html`<blockquote>${blocks(inner, way, depth + 1)}</blockquote>`, next: end };
}

/** Lines that belong together; each takes its direction from its own first letter (`unicode-bidi: plaintext`). */
function paragraph(lines, at, way, depth) {
  const end = until(lines, at + 1, (line) => FENCE.test(line) || isQuote(line, depth));
  const nodes = lines.slice(at, end).flatMap((line, index) => (index ? ["\n", ...inline(line, way)] : inline(line, way)));
  return { node: html`<p dir="auto">${joined(nodes)}</p>`, next: end };
}

function until(lines, from, ends) {
  let at = from;
  while (at < lines.length && !ends(lines[at])) at += 1;
  return at;
}

/** Neighbouring strings as one: a message of eight thousand lines is one text, not eight thousand. */
export function joined(nodes) {
  const made = [];
  let strings = [];
  const flush = () => strings.length && made.push(strings.join(""));
  for (const node of nodes) {
    if (typeof node === "string") strings.push(node);
    else {
      flush();
      strings = [];
      made.push(node);
    }
  }
  flush();
  return made;
}
