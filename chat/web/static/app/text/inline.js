// Formats one line of a message: a list of tokens, read from left to right, then the tree that its pairs of marks form.

import { html } from "../../vendor/ui.js";
import { emojiByName } from "./emoji.js";
import { AFTER, BEFORE } from "./mentions.js";

/** @import {Context} from "./format.js" */
/** opens, closes: whether a mark may open or close a pair. role: what it does in the pair that was found.
 *  @typedef {{mark: string, text: string, opens: boolean, closes: boolean, role?: "open"|"close"}} Mark */
/** @typedef {string | {node: any} | Mark} Token */
/** No tokens: it is plain text up to `end`. @typedef {{tokens?: Token[], end: number}} Reading */

const SPECIAL = /[`*_~:@hHmM]/g;
// eslint-disable-next-line no-control-regex -- a control character ends a link
const LINK = /(?:https?:\/\/|mailto:)[^\s<>"`\u0000-\u001f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/iy;
const TRAILING = /[.,:;!?'*_~\])}]/;
const MENTION = new RegExp(`${BEFORE}@([\\p{L}\\p{M}\\p{N}_.-]{1,40})`, "uy");
const MENTION_END = new RegExp(AFTER, "uy");
const EMOJI = /:([a-z0-9_+-]{1,32}):/y;
const ASCII_WORD = /\w/; // faster than WORD
const WORD = /[\p{L}\p{M}\p{N}_]/u;
const SPACE = /\s/;
const TAGS = { "**": "strong", "*": "em", "_": "em", "~~": "s" };
const INSIDE_WORDS = new Set(["**", "~~"]); // may stand inside a word, as scripts without spaces need it

/** @param {string} line @param {Context} context @returns {any[]} nodes and strings */
export function formatInline(line, context) {
  if (context.nodesLeft <= 0) return [line];
  const tokens = tokenize(line, context);
  pairMarks(tokens, context);
  return buildTree(tokens);
}

/** @param {string} line @param {Context} context @returns {Token[]} */
function tokenize(line, context) {
  /** @type {Token[]} */
  const all = [];
  const backticks = new BacktickRuns(line);
  let plainFrom = 0;
  SPECIAL.lastIndex = 0;
  for (let match = SPECIAL.exec(line); match && context.nodesLeft > 0; match = SPECIAL.exec(line)) {
    const { tokens, end } = READERS[match[0]](line, match.index, context, backticks);
    if (tokens) {
      if (match.index > plainFrom) all.push(line.slice(plainFrom, match.index));
      all.push(...tokens);
      plainFrom = end;
    }
    SPECIAL.lastIndex = end;
  }
  if (plainFrom < line.length) all.push(line.slice(plainFrom));
  return all;
}

/** @type {Record<string, (line: string, at: number, context: Context, backticks: BacktickRuns) => Reading>} */
const READERS = {
  "`": readCode,
  "*": readMarks,
  "_": readMarks,
  "~": readMarks,
  ":": readEmoji,
  "@": readMention,
  "h": readLink,
  "H": readLink,
  "m": readLink,
  "M": readLink,
};

/** One node, of as many as the context allows. @returns {Reading} */
function nodeToken(node, end, context) {
  context.nodesLeft -= 1;
  return { tokens: [{ node }], end };
}

/** Runs of backticks by length, so that the closing run is found without reading the line twice. */
class BacktickRuns {
  constructor(line) {
    /** @type {Map<number, {starts: number[], at: number}>} */
    this.byLength = new Map();
    for (const { index, 0: run } of line.matchAll(/`+/g)) {
      const runs = this.byLength.get(run.length) ?? { starts: [], at: 0 };
      runs.starts.push(index);
      this.byLength.set(run.length, runs);
    }
  }

  /** Where the next run of that length begins, -1 if there is none. `from` must not decrease from call to call. */
  next(length, from) {
    const runs = this.byLength.get(length);
    if (!runs) return -1;
    while (runs.at < runs.starts.length && runs.starts[runs.at] < from) runs.at += 1;
    return runs.starts[runs.at] ?? -1;
  }
}

function readCode(line, at, context, backticks) {
  const length = runLength(line, at);
  const start = at + length;
  const end = backticks.next(length, start);
  if (end < 0) return { end: start };
  const content = line.slice(start, end);
  const isPadded = length > 1 && content.startsWith(" ") && content.endsWith(" ") && content.trim();
  const code = isPadded ? content.slice(1, -1) : content;
  return nodeToken(html`<code dir="auto">${code}</code>`, end + length, context);
}

function runLength(line, at) {
  let end = at + 1;
  while (line[end] === line[at]) end += 1;
  return end - at;
}

function readEmoji(line, at, context) {
  const name = matchAt(EMOJI, line, at)?.[1];
  const emoji = name && emojiByName(name);
  if (!emoji) return { end: at + 1 };
  context.nodesLeft -= 1;
  return { tokens: [emoji], end: EMOJI.lastIndex };
}

function readMention(line, at, context) {
  const match = matchAt(MENTION, line, at);
  const name = match && knownName(match[1], context.reader);
  if (!name || !matchAt(MENTION_END, line, at + 1 + name.length)) return { end: at + 1 };
  const isMine = name.toLowerCase() === context.reader.me?.name.toLowerCase();
  const node = html`<bdi class=${isMine ? "mention mine" : "mention"}>@${name}</bdi>`;
  return nodeToken(node, at + 1 + name.length, context);
}

/**
 * The user's name that "ada...", "ada-" or "ada²" begins with, or "": a name may end in such a character, and so may a
 * sentence.
 */
function knownName(written, { me, knows }) {
  const isName = (name) => name.toLowerCase() === me?.name.toLowerCase() || Boolean(knows?.(name.toLowerCase()));
  for (let name = written; name; name = name.slice(0, -1)) {
    if (isName(name)) return name;
    if (!/[\p{M}\p{No}._-]$/u.test(name)) return "";
  }
  return "";
}

function readLink(line, at, context) {
  const match = isWord(characterBefore(line, at)) ? null : matchAt(LINK, line, at);
  if (!match) return { end: at + 1 };
  const written = trimLink(match[0]);
  const url = parseUrl(written);
  if (!url) return { end: at + 1 };
  return nodeToken(linkNode(url, written), at + written.length, context);
}

/** Cuts off punctuation that belongs to the sentence, and a closing bracket without an opening one in the link. */
function trimLink(written) {
  let unclosed = count(written, "(") - count(written, ")");
  let end = written.length;
  while (end > 0 && TRAILING.test(written[end - 1]) && !(written[end - 1] === ")" && unclosed >= 0)) {
    if (written[end - 1] === ")") unclosed += 1;
    end -= 1;
  }
  return written.slice(0, end);
}

const count = (text, character) => text.split(character).length - 1;

function parseUrl(written) {
  try {
    const url = new URL(written);
    return url.protocol === "mailto:" ? url.pathname && url : url.hostname && url;
  } catch {
    return null;
  }
}

/** Links of this page open in it. All others open elsewhere, without a referrer. */
function linkNode(url, written) {
  const isOwn = url.origin === globalThis.location?.origin && url.pathname.startsWith("/r/");
  if (isOwn) return html`<a href=${url.pathname} data-own="true"><bdi>${written}</bdi></a>`;
  return html`<a href=${url.href} target="_blank" rel="noopener noreferrer"><bdi>${written}</bdi></a>`;
}

/** Runs of * _ ~ are marks that may open or close. Three stars are two marks. Any other run is text. */
function readMarks(line, at) {
  const length = runLength(line, at);
  const end = at + length;
  const [before, after] = [characterBefore(line, at), characterAt(line, end)];
  const isAfterText = before !== "" && !SPACE.test(before);
  const isBeforeText = after !== "" && !SPACE.test(after);
  const marks = splitRun(line.slice(at, end), isAfterText);
  if (!marks) return { end };
  const tokens = marks.map((mark) => ({
    mark,
    text: mark,
    opens: isBeforeText && (INSIDE_WORDS.has(mark) || !isWord(before)),
    closes: isAfterText && (INSIDE_WORDS.has(mark) || !isWord(after)),
  }));
  return { tokens, end };
}

function splitRun(run, isAfterText) {
  if (run === "***") return isAfterText ? ["*", "**"] : ["**", "*"];
  return run in TAGS ? [run] : null;
}

const isWord = (character) => (character < "\x80" ? ASCII_WORD : WORD).test(character);

/** The whole character before an index, "" at the beginning. */
function characterBefore(line, at) {
  if (at === 0) return "";
  const unit = line.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? line.slice(at - 2, at) : line[at - 1];
}

const characterAt = (line, at) => (at < line.length ? String.fromCodePoint(line.codePointAt(at)) : "");

function matchAt(pattern, line, at) {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

/**
 * Finds pairs of marks. Only the latest mark of each kind is open. A mark that a pair encloses without its partner is
 * text.
 */
function pairMarks(tokens, context) {
  const open = new Map();
  tokens.forEach((token, index) => {
    if (!token.mark || context.nodesLeft <= 0) return;
    const opener = open.get(token.mark);
    if (token.closes && opener !== undefined && index > opener + 1) {
      tokens[opener].role = "open";
      token.role = "close";
      context.nodesLeft -= 1;
      for (const [mark, at] of open) if (at >= opener) open.delete(mark);
    } else if (token.opens) open.set(token.mark, index);
  });
}

/** @returns {any[]} */
function buildTree(tokens) {
  /** @type {{nodes: any[]}[]} the open pairs, the innermost last */
  const stack = [{ nodes: [] }];
  for (const token of tokens) {
    const { nodes } = stack[stack.length - 1];
    if (token.role === "open") stack.push({ nodes: [] });
    else if (token.role === "close") {
      stack.pop();
      stack[stack.length - 1].nodes.push(html`<${TAGS[token.mark]}>${nodes}</>`);
    } else nodes.push(token.node ?? token.text ?? token);
  }
  return stack[0].nodes;
}
