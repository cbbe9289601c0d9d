// One line of a message: a list of tokens, found from left to right, then the tree that its pairs of marks make.

import { html } from "../../vendor/ui.js";
import { emojiNamed } from "./emoji.js";
import { AFTER, BEFORE } from "./mentions.js";

/** @typedef {string | {node: any} | {mark: string, opens: boolean, closes: boolean, text: string, pair?: number, role?: "open"|"close"}} Token */

const SPECIAL = /[`*_~:@hHmM]/g;
const LINK = /(?:https?:\/\/|mailto:)[^\s<>"`\u0000-\u001f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/iy;
const TRAILING = /[.,:;!?'*_~\])}]/;
const MENTION = new RegExp(`${BEFORE}@([\\p{L}\\p{M}\\p{N}_.-]{1,40})`, "uy");
const ENDED = new RegExp(AFTER, "uy");
const NAMED = /:([a-z0-9_+-]{1,32}):/y;
const PLAIN_WORD = /\w/; // sooner at hand
const WORD = /[\p{L}\p{M}\p{N}_]/u;
const SPACE = /\s/;
const TAGS = { "**": "strong", "*": "em", _: "em", "~~": "s" };
const LOOSE = new Set(["**", "~~"]); // may stand inside of a word: scripts without spaces need it

/** @param {string} line @param {{whom: object, left: number}} way @returns {any[]} nodes and strings */
export function inline(line, way) {
  if (way.left <= 0) return [line];
  const tokens = tokenize(line, way);
  pair(tokens, way);
  return tree(tokens);
}

/** @returns {Token[]} */
function tokenize(line, way) {
  const found = [];
  const ticks = new Ticks(line);
  let plain = 0;
  SPECIAL.lastIndex = 0;
  for (let hit = SPECIAL.exec(line); hit && way.left > 0; hit = SPECIAL.exec(line)) {
    const { tokens, end } = READERS[hit[0]](line, hit.index, way, ticks);
    if (tokens) {
      if (hit.index > plain) found.push(line.slice(plain, hit.index));
      found.push(...tokens);
      plain = end;
    }
    SPECIAL.lastIndex = end;
  }
  if (plain < line.length) found.push(line.slice(plain));
  return found;
}

const READERS = {
  "`": code,
  "*": marks,
  _: marks,
  "~": marks,
  ":": named,
  "@": mention,
  h: link,
  H: link,
  m: link,
  M: link,
};

/** One piece that is more than text; as many as the way allows. */
function piece(node, end, way) {
  way.left -= 1;
  return { tokens: [{ node }], end };
}

/** Runs of backticks by their length, so that the closing one of any is found without looking twice. */
class Ticks {
  constructor(line) {
    this.byLength = new Map();
    for (const { index, 0: run } of line.matchAll(/`+/g)) {
      if (!this.byLength.has(run.length)) this.byLength.set(run.length, { starts: [], at: 0 });
      this.byLength.get(run.length).starts.push(index);
    }
  }

  /** Where the next run of that length begins, from an index on that only grows; -1 for none. */
  next(length, from) {
    const runs = this.byLength.get(length);
    while (runs.at < runs.starts.length && runs.starts[runs.at] < from) runs.at += 1;
    return runs.starts[runs.at] ?? -1;
  }
}

function code(line, at, way, ticks) {
  const length = runLength(line, at);
  const start = at + length;
  const end = ticks.next(length, start);
  if (end < 0) return { end: start };
  const content = line.slice(start, end);
  const padded = length > 1 && content.startsWith(" ") && content.endsWith(" ") && content.trim();
  return piece(html`<code dir="auto">${padded ? content.slice(1, -1) : content}</code>`, end + length, way);
}

function runLength(line, at) {
  let end = at + 1;
  while (line[end] === line[at]) end += 1;
  return end - at;
}

function named(line, at, way) {
  const name = match(NAMED, line, at)?.[1];
  const emoji = name && emojiNamed(name);
  if (!emoji) return { end: at + 1 };
  way.left -= 1;
  return { tokens: [emoji], end: NAMED.lastIndex };
}

function mention(line, at, way) {
  const found = match(MENTION, line, at);
  const name = found && knownPart(found[1], way.whom);
  if (!name || !match(ENDED, line, at + 1 + name.length)) return { end: at + 1 };
  const mine = name.toLowerCase() === way.whom.me?.name.toLowerCase();
  return piece(html`<bdi class=${mine ? "mention mine" : "mention"}>@${name}</bdi>`, at + 1 + name.length, way);
}

/** Of "ada...", "ada-" or "ada²" the name that somebody has, if any: a name may end in such a character, and so may a sentence. */
function knownPart(written, { me, knows }) {
  const isName = (name) => name.toLowerCase() === me?.name.toLowerCase() || Boolean(knows?.(name.toLowerCase()));
  for (let name = written; name; name = name.slice(0, -1)) {
    if (isName(name)) return name;
    if (!/[\p{M}\p{No}._-]$/u.test(name)) return "";
  }
  return "";
}

function link(line, at, way) {
  const found = !isWord(before(line, at)) && match(LINK, line, at);
  if (!found) return { end: at + 1 };
  const written = trimmed(found[0]);
  const url = parsed(written);
  if (!url) return { end: at + 1 };
  return piece(anchor(url, written), at + written.length, way);
}

/** A sentence's punctuation after a link is no part of it, nor is a closing bracket that was opened before it. */
function trimmed(written) {
  let open = count(written, "(") - count(written, ")");
  let end = written.length;
  while (end > 0 && TRAILING.test(written[end - 1]) && !(written[end - 1] === ")" && open >= 0)) {
    if (written[end - 1] === ")") open += 1;
    end -= 1;
  }
  return written.slice(0, end);
}

const count = (text, character) => text.split(character).length - 1;

function parsed(written) {
  try {
    const url = new URL(written);
    return url.protocol === "mailto:" ? url.pathname && url : url.hostname && url;
  } catch {
    return null;
  }
}

/** Links of this very page open in it; all others elsewhere, and learn nothing of it. */
function anchor(url, written) {
  const own = url.origin === globalThis.location?.origin && url.pathname.startsWith("/r/");
  if (own) return html`<a href=${url.pathname} data-own="true"><bdi>${written}</bdi></a>`;
  return html`<a href=${url.href} target="_blank" rel="noopener noreferrer"><bdi>${written}</bdi></a>`;
}

/** Runs of * _ ~ as marks that may open or close; three stars are two marks; any other run is text. */
function marks(line, at) {
  const length = runLength(line, at);
  const end = at + length;
  const beside = { before: before(line, at), after: after(line, end) };
  const closes = canClose(beside);
  const kinds = kindsOf(line[at].repeat(length), closes);
  if (!kinds) return { end };
  return { tokens: kinds.map((mark) => ({ mark, text: mark, opens: opens(mark, beside), closes: closes && shuts(mark, beside) })), end };
}

function kindsOf(run, closes) {
  if (run === "***") return closes ? ["*", "**"] : ["**", "*"];
  return run in TAGS ? [run] : null;
}

const canClose = ({ before }) => before !== "" && !SPACE.test(before);
const opens = (mark, { before, after }) => after !== "" && !SPACE.test(after) && (LOOSE.has(mark) || !isWord(before));
const shuts = (mark, { after }) => LOOSE.has(mark) || !isWord(after);
const isWord = (character) => (character < "\x80" ? PLAIN_WORD : WORD).test(character);

/** The whole character before an index, "" at the beginning. */
function before(line, at) {
  if (at === 0) return "";
  const unit = line.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? line.slice(at - 2, at) : line[at - 1];
}

const after = (line, at) => (at < line.length ? String.fromCodePoint(line.codePointAt(at)) : "");

function match(pattern, line, at) {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

/** Which marks belong together. Of each kind one is open at a time, the latest; what a pair encloses half is text. */
function pair(tokens, way) {
  const open = new Map();
  tokens.forEach((token, index) => {
    if (!token.mark || way.left <= 0) return;
    const opener = open.get(token.mark);
    if (token.closes && opener !== undefined && index > opener + 1) {
      tokens[opener].role = "open";
      token.role = "close";
      way.left -= 1;
      for (const [mark, at] of open) if (at >= opener) open.delete(mark);
    } else if (token.opens) open.set(token.mark, index);
  });
}

function tree(tokens) {
  const stack = [{ nodes: [] }];
  for (const token of tokens) {
    const top = stack.at(-1);
    if (token.role === "open") stack.push({ nodes: [] });
    else if (token.role === "close") {
      stack.pop();
      stack.at(-1).nodes.push(html`<${TAGS[token.mark]}>${top.nodes}</>`);
    } else top.nodes.push(token.node ?? token.text ?? token);
  }
  return stack[0].nodes;
}
