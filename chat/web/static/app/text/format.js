// Formats a message's text: code blocks, quotes, bold, italic, strikethrough, code, links, emoji, mentions. Never as
// HTML, and in linear time whatever the text: each character is read a few times at most, and nothing nests deeper than
// the kinds of formatting.

import { html } from "../../vendor/ui.js";
import { formatInline } from "./inline.js";

const MAX_DEPTH = 3; // of quotes in quotes; deeper ones stay as they were written
const MAX_NODES = 400; // of a message: the rest of it stays plain, so that a page of such messages stays fast
const FENCE = /^\s{0,3}```([\w+#.-]{0,30})\s*$/;
const QUOTE = /^> ?/;

/** The reader, whose mentions stand out. `knows` gets a name in lower case. @typedef {{me?: {name: string}|null,
 *   knows?: (name: string) => boolean}} Reader */
/** nodesLeft: how many nodes may still be made. @typedef {{reader: Reader, nodesLeft: number}} Context */

/** @param {string} text @param {Reader} [reader] @returns {any[]} preact nodes */
export function format(text, reader = {}) {
  return formatBlocks(text.split("\n"), { reader, nodesLeft: MAX_NODES }, 0);
}

/** The text without its formatting, on one line. @param {string} text */
export function plain(text) {
  return format(text).map(textOf).join(" ").replaceAll("\n", " ");
}

function textOf(node) {
  if (Array.isArray(node)) return node.map(textOf).join("");
  return typeof node === "string" ? node : textOf(node?.props.children ?? "");
}

/** @param {string[]} lines @param {Context} context @param {number} depth */
function formatBlocks(lines, context, depth) {
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const { node, next } = formatBlock(lines, at, context, depth);
    nodes.push(node);
    at = next;
  }
  return nodes;
}

/** The block that begins at a line, and the line after it. */
function formatBlock(lines, at, context, depth) {
  context.nodesLeft -= 1;
  if (context.nodesLeft <= 0) {
    return { node: html`<p dir="auto">${lines.slice(at).join("\n")}</p>`, next: lines.length };
  }
  if (FENCE.test(lines[at])) return formatCodeBlock(lines, at);
  if (isQuote(lines[at], depth)) return formatQuote(lines, at, context, depth);
  return formatParagraph(lines, at, context, depth);
}

const isQuote = (line, depth) => depth < MAX_DEPTH && QUOTE.test(line);

/** Code between two fences, or to the end if the second fence is missing. */
function formatCodeBlock(lines, at) {
  const end = findLine(lines, at + 1, (line) => line.trim() === "```");
  const code = lines.slice(at + 1, end).join("\n");
  return { node: html`<pre tabindex="0" dir="ltr"><code>${code}</code></pre>`, next: end + 1 };
}

function formatQuote(lines, at, context, depth) {
  const end = findLine(lines, at, (line) => !QUOTE.test(line));
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return { node: html`<blockquote>${formatBlocks(inner, context, depth + 1)}</blockquote>`, next: end };
}

/** Each line has the direction of its own first letter (`unicode-bidi: plaintext`). */
function formatParagraph(lines, at, context, depth) {
  const end = findLine(lines, at + 1, (line) => FENCE.test(line) || isQuote(line, depth));
  const nodes = lines.slice(at, end).flatMap((line, index) => {
    const inline = formatInline(line, context);
    return index ? ["\n", ...inline] : inline;
  });
  return { node: html`<p dir="auto">${joinStrings(nodes)}</p>`, next: end };
}

/** The first line from `from` on for which the condition holds, or the end. */
function findLine(lines, from, condition) {
  let at = from;
  while (at < lines.length && !condition(lines[at])) at += 1;
  return at;
}

/** Joins adjacent strings: a message of eight thousand lines is one text node, not eight thousand. */
function joinStrings(nodes) {
  const joined = [];
  let strings = [];
  const flush = () => strings.length && joined.push(strings.join(""));
  for (const node of nodes) {
    if (typeof node === "string") strings.push(node);
    else {
      flush();
      strings = [];
      joined.push(node);
    }
  }
  flush();
  return joined;
}
