// Completion of the word before the caret: mentions after @, emoji after a colon. A listbox; the focus stays in the
// textarea.

import { computed, html, signal, useEffect, useRef } from "../../../vendor/ui.js";
import { myId } from "../../core/store.js";
import { searchEmoji } from "../../text/emoji_table.js";
import { Avatar } from "../people/avatar.js";
import { membersOf } from "../people/member_list.js";

const MOST = 8;
const LIST_ID = "completions";
const optionId = (at) => `${LIST_ID}-${at}`;
const LOOKBEHIND = 48; // characters before the caret
const MENTION = /(?:^|[^\p{L}\p{N}_@.-])@([\p{L}\p{N}_.-]{0,40})$/u;
const EMOJI = /(?:^|[^\p{L}\p{N}_:])(?<!:):([a-z0-9_+-]{2,32})$/u;

/** @import {ReadonlySignal, Signal} from "../../../vendor/ui.js" */
/** @import {Timeline} from "../../core/timeline.js" */
/** @typedef {{insert: string, label: string, user?: any, emoji?: string}} Candidate */
/** @typedef {{name?: string, emoji?: string, from: number}} Word from: where it begins */
/**
 * at: the selected candidate; list, option: the ids of the listbox and of its selected option.
 * @typedef {{candidates: Candidate[], at: number, from: number, list: string, option: string}} OpenList
 */

export class Completion {
  /** @param {any} room @param {Timeline} timeline */
  constructor(room, timeline) {
    this.room = room;
    this.timeline = timeline;
    /** The word before the caret, if it can be completed. @type {Signal<Word|null>} */
    this.word = signal(null);
    this.at = signal(0);
    /** null: the list is closed. Members may be loaded while it is open. @type {ReadonlySignal<OpenList|null>} */
    this.open = computed(() => this.#openList(this.word.value));
  }

  #openList(word) {
    const candidates = word ? this.#candidates(word) : [];
    if (!candidates.length) return null;
    const at = Math.min(this.at.value, candidates.length - 1);
    return { candidates, at, from: word.from, list: LIST_ID, option: optionId(at) };
  }

  #candidates({ name, emoji }) {
    return name === undefined ? emojiCandidates(emoji) : userCandidates(this.room, this.timeline, name);
  }

  /** After each change of the text or the caret. @param {HTMLTextAreaElement} textarea */
  update({ value, selectionStart, selectionEnd }) {
    const before = value.slice(Math.max(0, selectionStart - LOOKBEHIND), selectionStart);
    const [, name] = MENTION.exec(before) ?? [];
    const [, emoji] = EMOJI.exec(before) ?? [];
    const typed = name ?? emoji;
    this.at.value = 0;
    const isWord = typed !== undefined && selectionStart === selectionEnd;
    this.word.value = isWord ? { name, emoji, from: selectionStart - typed.length - 1 } : null;
  }

  close() {
    this.word.value = null;
  }

  /** Handles a key while the list is open. @param {KeyboardEvent} event @param {HTMLTextAreaElement} textarea
   *  @returns {boolean} whether the key was for the list */
  handleKey(event, textarea) {
    const { candidates, at } = this.open.value ?? { candidates: null, at: 0 };
    if (!candidates || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && this.#isTyped(textarea, candidates[at])) {
      this.close(); // the key then sends the message
      return false;
    }
    if (step && !event.altKey) this.at.value = (at + step + candidates.length) % candidates.length;
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.accept(textarea, candidates[at]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Whether the candidate is already there. Upper and lower case of names are the same. */
  #isTyped({ value, selectionStart }, { insert }) {
    return value.slice(this.word.value?.from, selectionStart).toLowerCase() === insert.toLowerCase();
  }

  /** Through the browser's own editing, so that it can be undone.
   *  @param {HTMLTextAreaElement} textarea @param {Candidate} candidate */
  accept(textarea, { insert }) {
    const from = this.open.value?.from ?? 0;
    const end = textarea.selectionStart;
    textarea.focus();
    textarea.setRangeText(`${insert} `, from, end, "end");
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.close();
  }
}

/** Members, those who are present first, and users who have written lately. */
function userCandidates(room, timeline, typed) {
  const authors = timeline.messages.peek().map((message) => message.sender).filter(Boolean);
  const members = membersOf(room.id).map((member) => member.user);
  const all = [...members, ...(room.user ? [room.user] : []), ...authors.reverse()];
  const others = [...new Map(all.map((user) => [user.id, user])).values()].filter((user) => user.id !== myId.value);
  return bestUsers(others, typed.toLowerCase()).map((user) => ({ insert: `@${user.name}`, label: user.name, user }));
}

function bestUsers(users, typed) {
  const rank = (name) => (name === typed ? 0 : name.startsWith(typed) ? 1 : 2);
  const named = users.map((user) => ({ user, name: user.name.toLowerCase() }));
  const found = named.filter(({ name }) => name.includes(typed));
  return found.sort((one, other) => rank(one.name) - rank(other.name)).slice(0, MOST).map(({ user }) => user);
}

function emojiCandidates(typed) {
  return searchEmoji(typed, MOST).map(([name, emoji]) => ({ insert: emoji, label: `:${name}:`, emoji }));
}

/** @param {{completion: Completion, textarea: {current: HTMLTextAreaElement}}} props */
export function CompletionList({ completion, textarea }) {
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  const open = completion.open.value;
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [open?.at]);
  const onAccept = (candidate) => completion.accept(textarea.current, candidate);
  return html`
    <div class="visually-hidden" role="status">${announcement(open)}</div>
    ${open && html`<ul class="completion" id=${LIST_ID} role="listbox" aria-label="Suggestions" ref=${list}>
      ${open.candidates.map((candidate, at) => html`<${CandidateItem} key=${candidate.label} id=${optionId(at)}
        candidate=${candidate} selected=${at === open.at} onAccept=${onAccept} />`)}
    </ul>`}`;
}

/** @param {OpenList|null} open */
function announcement(open) {
  if (!open) return "";
  const count = open.candidates.length;
  return `${count} suggestion${count > 1 ? "s" : ""}, ${open.candidates[open.at].label}`;
}

function CandidateItem({ id, candidate, selected, onAccept }) {
  const { user, emoji, label } = candidate;
  const keepFocus = (event) => event.preventDefault();
  const onClick = () => onAccept(candidate);
  return html`<li id=${id} role="option" aria-selected=${selected} onPointerDown=${keepFocus} onClick=${onClick}>
    ${user ? html`<${Avatar} user=${user} size="s" />` : html`<span class="emoji" aria-hidden="true">${emoji}</span>`}
    <bdi class="name">${label}</bdi>
  </li>`;
}
