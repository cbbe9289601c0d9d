/** What is offered for the word before the caret: people for @, emoji for a colon. A listbox that the textarea keeps the focus of. */
import { computed, html, signal, useEffect, useRef } from "../../vendor/ui.js";
import { me } from "../core/store.js";
import { emojiLike } from "../text/emojis.js";
import { Avatar } from "./avatar.js";
import { membersOf } from "./roster.js";

const MOST = 8;
const LIST_ID = "completions";
const optionId = (at) => `${LIST_ID}-${at}`;
const LOOKED_AT = 48; // characters before the caret
const PERSON = /(?:^|[^\p{L}\p{N}_@.-])@([\p{L}\p{N}_.-]{0,40})$/u;
const EMOJI = /(?:^|[^\p{L}\p{N}_:])(?<!:):([a-z0-9_+-]{2,32})$/u;

/** @typedef {{insert: string, label: string, user?: object, emoji?: string}} Offer */

export class Completion {
  constructor(room, timeline) {
    Object.assign(this, { room, timeline });
    /** The word before the caret, if it is one to complete, and where it begins. */
    this.word = signal(null);
    this.at = signal(0);
    /** @type {{value: {offers: Offer[], at: number, from: number, list: string, option: string}|null}} at: the chosen one; list, option: the
     *  ids of the listbox and of the chosen one in it. Members may become known while it is open. */
    this.open = computed(() => this.#opened(this.word.value));
  }

  #opened(word) {
    const offers = word ? this.#offers(word) : [];
    if (!offers.length) return null;
    const at = Math.min(this.at.value, offers.length - 1);
    return { offers, at, from: word.from, list: LIST_ID, option: optionId(at) };
  }

  #offers({ person, emoji }) {
    return person === undefined ? named(emoji) : people(this.room, this.timeline, person);
  }

  /** After each change of the text or the caret. */
  look({ value, selectionStart, selectionEnd }) {
    const before = value.slice(Math.max(0, selectionStart - LOOKED_AT), selectionStart);
    const [, person] = PERSON.exec(before) ?? [];
    const [, emoji] = EMOJI.exec(before) ?? [];
    const typed = person ?? emoji;
    const found = typed !== undefined && selectionStart === selectionEnd;
    this.at.value = 0;
    this.word.value = found ? { person, emoji, from: selectionStart - typed.length - 1 } : null;
  }

  close() {
    this.word.value = null;
  }

  /** Takes the key if it is meant for what is offered. @returns {boolean|undefined} whether it did */
  key(event, textarea) {
    const { offers, at } = this.open.value ?? {};
    if (!offers || event.isComposing) return false;
    if (event.key === "Enter" && this.#isWritten(textarea, offers[at])) return this.close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey) this.at.value = (at + step + offers.length) % offers.length;
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.take(textarea, offers[at]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Whether taking it would change nothing: a name counts in any case. Enter is then not kept from sending. */
  #isWritten({ value, selectionStart }, { insert }) {
    return value.slice(this.word.value.from, selectionStart).toLowerCase() === insert.toLowerCase();
  }

  /** By the browser's own editing, so that undo knows of it. */
  take(textarea, { insert }) {
    const { from } = this.open.value;
    const end = textarea.selectionStart;
    textarea.focus();
    textarea.setRangeText(`${insert} `, from, end, "end");
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.close();
  }
}

/** Members, those who are here first, and who has written lately. */
function people(room, timeline, typed) {
  const written = timeline.seen.peek().map((message) => message.sender).filter(Boolean);
  const all = [...membersOf(room.id).map((member) => member.user), ...(room.user ? [room.user] : []), ...written.reverse()];
  const others = [...new Map(all.map((user) => [user.id, user])).values()].filter((user) => user.id !== me.value.id);
  return best(others, typed.toLowerCase(), (user) => user.name.toLowerCase()).map((user) => ({ insert: `@${user.name}`, label: user.name, user }));
}

function best(all, typed, nameOf) {
  const rank = (one) => (nameOf(one) === typed ? 0 : nameOf(one).startsWith(typed) ? 1 : 2);
  const found = all.filter((one) => nameOf(one).includes(typed));
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, MOST);
}

function named(typed) {
  return emojiLike(typed, MOST).map(([name, emoji]) => ({ insert: emoji, label: `:${name}:`, emoji }));
}

export function Offers({ completion, textarea }) {
  const list = useRef(null);
  const open = completion.open.value;
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [open?.at]);
  const count = open?.offers.length ?? 0;
  return html`
    <div class="unseen" role="status">${count ? `${count} suggestion${count > 1 ? "s" : ""}, ${open.offers[open.at].label}` : ""}</div>
    ${open && html`<ul class="offers" id=${LIST_ID} role="listbox" aria-label="Suggestions" ref=${list}>
      ${open.offers.map((offer, at) => html`<li id=${optionId(at)} key=${offer.label} role="option" aria-selected=${at === open.at} onPointerDown=${(event) => event.preventDefault()} onClick=${() => completion.take(textarea.current, offer)}>
        ${offer.user ? html`<${Avatar} user=${offer.user} size="s" />` : html`<span class="emoji" aria-hidden="true">${offer.emoji}</span>`}<bdi class="name">${offer.label}</bdi>
      </li>`)}
    </ul>`}`;
}
