// The messages of one room as the page shows them: a run of its history, loaded as one scrolls, kept right by events, with what is on its way.

import { batch, computed, effect, signal, untracked } from "../../vendor/ui.js";
import { onEvent, onGap } from "../live/stream.js";
import { Timer } from "../live/timer.js";
import { Problem, call } from "./api.js";
import { edit, react, remove } from "./corrections.js";
import { Gathering } from "./gathering.js";
import { isCorrection, isPosted } from "./messages.js";
import { outboxOf } from "./outbox.js";
import { remember, remembered } from "./recent.js";
import { MOST, Run } from "./run.js";
import { live, me, rooms, takeEarly } from "./store.js";

const FIRST = 31; // at opening; another number than the shell's, whose answer from beforehand would be taken for this one
const PAGE = 100; // of older or newer ones
const AGAIN_MS = 3000;

const open = new Map();

/** The timeline of a room, made anew after it was dropped. @returns {Timeline} */
export function timelineOf(roomId) {
  if (!open.has(roomId)) open.set(roomId, new Timeline(roomId));
  return open.get(roomId);
}

onEvent((event) => open.get(event.room?.id)?.hear(event));
onGap(() => open.forEach((timeline) => timeline.reload({ hole: true })));
effect(() => live.value && untracked(() => open.forEach((timeline) => timeline.problem.value && timeline.again())));

class Timeline {
  constructor(roomId) {
    this.roomId = roomId;
    this.outbox = outboxOf(roomId);
    this.outbox.onPosted = (message, key) => this.#posted({ ...message, key });
    this.outbox.onFailed = (key) => this.run.name(null, key);
    this.run = new Run();
    const { seen, atNewest, hasOlder } = this.run;
    Object.assign(this, { seen, atNewest, hasOlder });
    this.coming = new Gathering((events) => batch(() => this.#apply(events)));
    /** Also before it was opened: there is nothing to see yet. */
    this.loading = signal(true);
    /** Why nothing could be loaded; null if it could. */
    this.problem = signal(null);
    /** The first message that was not read when the room was opened, or when the tab went out of sight. */
    this.newFrom = signal(null);
    /** Messages of others that came, or had come, below what is looked at. */
    this.below = signal(0);
    /** What was just said by others, for who hears the page rather than sees it. */
    this.heard = signal([]);
    /** Everything to show, in order: what is not confirmed comes last. */
    this.items = computed(() => (this.atNewest.value ? [...this.seen.value, ...this.outbox.shown()] : this.seen.value));
    /** Whether the end is being looked at: set by whoever shows the timeline. */
    this.following = true;
    /** How often what is shown was replaced as a whole. */
    this.version = 0;
    this.turn = 0;
    this.wanted = null;
    /** Corrections that were taken up while older history was on its way, which may not know of them. */
    this.late = null;
    this.anew = new Timer(() => open.get(this.roomId) === this && this.again());
  }

  /** Shows at once what came beforehand, if it reaches back to where somebody left. Whether it did. */
  openEarly() {
    const page = takeEarly(this.roomId);
    const left = this.#left();
    if (!page || (left && beginsAfter(page, left.read))) return false;
    this.loading.value = false;
    this.#show(page, left);
    return true;
  }

  /** Shows the newest, or where somebody left, or a message; without a connection what is remembered of them. Whether that succeeded. */
  async open(around = null) {
    this.wanted = around;
    if (!live.peek() && this.#recall()) return true;
    const done = await this.#replace(around, FIRST, { left: around === null ? this.#left() : null });
    return done || (this.problem.peek()?.status === 0 && this.#recall());
  }

  /** Shows what is remembered, with the problem that it is no more than that, until it can be loaded. Whether there was anything. */
  #recall() {
    const page = remembered(this.roomId);
    const { wanted } = this;
    if (!page || this.version || (wanted !== null && !page.messages.some(({ id }) => id === wanted))) return false;
    this.loading.value = false;
    this.problem.value ??= new Problem();
    this.#show(page, wanted === null ? this.#left() : null);
    this.anew.start(AGAIN_MS);
    return true;
  }

  /** The room as somebody left it; null where nothing has come since. */
  #left() {
    const room = rooms.peek().get(this.roomId);
    return room?.unread && room.read !== null ? room : null;
  }

  /** The end of it, from wherever one is. */
  async toNewest() {
    return this.atNewest.peek() || this.#replace(null, FIRST);
  }

  /** What is shown, anew. hole: events were missed; until it succeeds nothing is put after them. */
  async reload({ hole = false } = {}) {
    const list = this.seen.peek();
    const middle = this.following ? null : list[Math.floor(list.length / 2)]?.id ?? null;
    await this.#replace(middle, Math.min(MOST, Math.max(FIRST, list.length)), { hole });
    if (this.problem.peek()) this.anew.start(AGAIN_MS);
  }

  /** After a problem: whatever is missing. */
  async again() {
    await (this.seen.peek().length ? this.reload() : this.open(this.wanted));
  }

  /** left: the room as it was left, whose first unread message is then marked. */
  async #replace(around, limit, { left = null, hole = false } = {}) {
    const turn = ++this.turn;
    let page = await this.#load(around !== null ? `around=${around}&limit=${limit}` : `limit=${limit}`, { holding: true });
    if (page && left && beginsAfter(page, left.read)) page = await this.#load(`around=${left.read}&limit=${limit}`, { holding: true });
    const current = Boolean(page) && turn === this.turn;
    if (current) this.#show(page, left);
    else if (hole && !page) this.atNewest.value = false;
    this.coming.now(); // also where another is shown: this may have been the last that held them
    return current;
  }

  #show(page, left) {
    this.anew.clear();
    this.version += 1;
    batch(() => {
      this.run.replace(page);
      if (left) this.#markNew(left);
    });
  }

  #markNew({ read, unread }) {
    const first = this.seen.peek().find((message) => message.id > read && message.sender?.id !== me.peek()?.id);
    this.newFrom.value = first?.id ?? null;
    this.below.value = unread;
  }

  async older() {
    const { turn, run } = this;
    const { oldest } = run;
    if (this.loading.peek() || !this.hasOlder.peek() || !oldest) return;
    const late = (this.late = []);
    const page = await this.#load(`before=${oldest}&limit=${PAGE}`);
    if (this.late === late) this.late = null;
    if (!page || turn !== this.turn || run.oldest !== oldest) return;
    batch(() => {
      run.prepend(page);
      for (const event of late) run.correct(event);
    });
  }

  async newer() {
    const { turn, run } = this;
    if (this.loading.peek() || this.atNewest.peek() || !run.newest) return;
    const page = await this.#load(`after=${run.newest}&limit=${PAGE}`, { holding: true });
    if (page && turn === this.turn) run.append(page);
    this.coming.now();
  }

  /** A page of history; null where that failed. holding: events wait until it is there. */
  async #load(query, { holding = false } = {}) {
    this.loading.value = true;
    if (holding) this.coming.hold();
    const { turn } = this;
    try {
      const page = await call("GET", `/room/${this.roomId}/messages?${query}`);
      this.problem.value = null;
      return page;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.value = problem;
      return null;
    } finally {
      if (holding) this.coming.release();
      if (turn === this.turn) this.loading.value = false;
    }
  }

  // What comes

  hear(event) {
    if (isPosted(event) || isCorrection(event)) this.coming.add(event);
  }

  #apply(events) {
    const posted = events.filter(isPosted).map((event) => this.#recognised(event));
    const fresh = posted.filter((message) => message.id > this.run.newest);
    if (this.atNewest.peek()) this.run.extend(posted, this.following);
    for (const answer of events.filter((event) => event.key)) this.#settle(answer);
    for (const event of events.filter(isCorrection)) this.#correct(event);
    this.#count(fresh.filter((message) => message.sender?.id !== me.peek()?.id));
  }

  /** One's own keeps the key that it was shown under, and so its place in the document. */
  #recognised(event) {
    if (event.key) return event;
    const key = this.outbox.recognise(event);
    return key ? { ...event, key } : event;
  }

  /** The answer knows which message was whose: the same words, said elsewhere, may have been taken for it. */
  #settle({ id, key }) {
    const taken = this.run.name(id, key);
    if (taken && taken !== key) this.outbox.mistaken(taken);
  }

  #correct(event) {
    this.run.correct(event);
    this.late?.push(event);
  }

  #count(fresh) {
    if (!fresh.length) return;
    this.heard.value = fresh;
    if (!this.following || !this.atNewest.peek()) this.below.value += fresh.length;
    const read = rooms.peek().get(this.roomId)?.read ?? 0;
    if (document.hidden && (this.newFrom.peek() ?? 0) <= read) this.newFrom.value = fresh[0].id;
  }

  #posted(message) {
    this.hear(message);
    this.coming.now();
  }

  // What is done

  /** Shows it at once, and posts it. @param {string} text @param {{replyTo?: object, files?: {blob: File, preview: string|null}[]}} [more] */
  async send(text, { replyTo = null, files = [] } = {}) {
    const apart = replyTo !== null || !files.length;
    if (text && apart) this.outbox.sendText(text, replyTo);
    files.forEach(({ blob, preview }, index) => this.outbox.sendFile(blob, index || apart ? "" : text, preview));
    this.following = true;
    await this.toNewest();
  }

  retry(pending) {
    this.outbox.retry(pending.key);
  }

  discard(pending) {
    this.outbox.discard(pending.key);
  }

  /** Throws Problem. */
  edit(id, text) {
    return edit(this.run, id, text);
  }

  /** For good. Throws Problem. */
  remove(id) {
    return remove(this.run, id);
  }

  react(id, emoji, on) {
    return react(this.run, id, emoji, on);
  }

  /** Lets go of all that is held, but for what is remembered of it; what is on its way stays in the outbox. */
  drop() {
    this.turn += 1;
    this.anew.clear();
    this.coming.now();
    if (this.version && !this.coming.held) remember(this.roomId, this.run);
    this.coming.stop();
    this.coming.hold(); // for good: the outbox is another's now
    Object.assign(this.outbox, { onPosted: () => {}, onFailed: () => {} });
    if (open.get(this.roomId) === this) open.delete(this.roomId);
  }
}

function beginsAfter({ messages, more }, read) {
  return more && messages[0].id > read;
}
