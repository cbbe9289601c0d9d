// The messages of one room as the page shows them: a window on its history, extended on scroll and kept current by
// events, and what the outbox is still sending.

import { batch, computed, effect, signal, untracked } from "../../vendor/ui.js";
import { Problem, call } from "./api.js";
import { EventBatch } from "./event_batch.js";
import { onEvent, onGap } from "./event_bus.js";
import { deleteMessage, editMessage, setReaction } from "./message_changes.js";
import { isMessageChange, isPosted } from "./message_list.js";
import { MOST, MessageWindow } from "./message_window.js";
import { outboxOf } from "./outbox.js";
import { takePreloadedPage } from "./session.js";
import { isConnected, me, rooms } from "./store.js";
import { cacheWindow, cachedPage } from "./timeline_cache.js";
import { Timer } from "./timer.js";

/** @import {Signal} from "../../vendor/ui.js" */
/** @import {Message} from "./message_list.js" */
/** @import {Page} from "./message_window.js" */
/** @import {Room} from "./store.js" */

// Messages at opening. Not the shell's number, or the browser would take its preloaded response for this one.
const FIRST = 31;
const PAGE = 100; // of older or newer messages
const RETRY_MS = 3000;

/** @type {Map<number, Timeline>} */
const timelines = new Map();

/** The timeline of a room, a new one after it was closed. @param {number} roomId @returns {Timeline} */
export function timelineOf(roomId) {
  const timeline = timelines.get(roomId) ?? new Timeline(roomId);
  timelines.set(roomId, timeline);
  return timeline;
}

onEvent((event) => timelines.get(event.room?.id)?.receive(event));
onGap(() => timelines.forEach((timeline) => timeline.reload({ hasHole: true })));
effect(() => isConnected.value && untracked(retryFailed));

function retryFailed() {
  for (const timeline of timelines.values()) if (timeline.problem.value) timeline.retryLoading();
}

export class Timeline {
  /** @param {number} roomId */
  constructor(roomId) {
    this.roomId = roomId;
    this.window = new MessageWindow();
    this.messages = this.window.messages;
    this.atNewest = this.window.atNewest;
    this.hasOlder = this.window.hasOlder;
    this.outbox = outboxOf(roomId);
    this.outbox.onPosted = (message, key) => this.#confirm({ ...message, key });
    this.outbox.onFailed = (key) => this.window.assignKey(null, key);
    this.incoming = new EventBatch((events) => batch(() => this.#apply(events)));
    /** Also true before the timeline was opened: there is nothing to see yet. */
    this.loading = signal(true);
    /** Why nothing could be loaded. @type {Signal<Problem|null>} */
    this.problem = signal(null);
    /**
     * The first message that was unread when the room was opened, or when the tab was hidden.
     * @type {Signal<number|null>}
     */
    this.firstNewId = signal(null);
    /** The number of new messages of others below what the reader sees. */
    this.newBelow = signal(0);
    /** The latest messages of others, for the live region. @type {Signal<Message[]>} */
    this.announced = signal([]);
    /**
     * Everything to show, in order. Unconfirmed messages come last.
     * @type {import("../../vendor/ui.js").ReadonlySignal<any[]>}
     */
    this.items = computed(() =>
      this.atNewest.value ? [...this.messages.value, ...this.outbox.visibleEntries()] : this.messages.value);
    /** Whether the reader is at the end. Set by the view. */
    this.following = true;
    /** How often the window was replaced as a whole. */
    this.version = 0;
    /** Counts the replacements that have begun: the response to an earlier one is ignored. */
    this.request = 0;
    /** The message that the timeline was opened at. @type {number|null} */
    this.openedAt = null;
    /** Changes that arrived while older history was loading, which may not contain them. @type {any[]|null} */
    this.changesMeanwhile = null;
    this.retryTimer = new Timer(() => timelines.get(this.roomId) === this && this.retryLoading());
  }

  /**
   * Shows the preloaded page at once if it reaches back to the first unread message.
   * @returns {boolean} whether it did
   */
  openPreloaded() {
    const page = takePreloadedPage(this.roomId);
    const unread = this.#roomIfUnread();
    if (!page || (unread && beginsAfter(page, unread.read))) return false;
    this.loading.value = false;
    this.#show(page, unread);
    return true;
  }

  /**
   * Shows a message, or else the first unread one, or else the newest; without a connection what is cached of them.
   * @param {number|null} [around] @returns {Promise<boolean>} whether it succeeded
   */
  async open(around = null) {
    this.openedAt = around;
    if (!isConnected.peek() && this.#showCached()) return true;
    const succeeded = await this.#replace(around, FIRST, { unread: around === null ? this.#roomIfUnread() : null });
    return succeeded || (this.problem.peek()?.status === 0 && this.#showCached());
  }

  /**
   * Shows the cached page, with the problem that it may be out of date, until history can be loaded. Returns whether
   * there was one.
   */
  #showCached() {
    const page = cachedPage(this.roomId);
    const { openedAt } = this;
    const hasMessage = openedAt === null || page?.messages.some(({ id }) => id === openedAt);
    if (!page || this.version || !hasMessage) return false;
    this.loading.value = false;
    this.problem.value ??= new Problem();
    this.#show(page, openedAt === null ? this.#roomIfUnread() : null);
    this.retryTimer.start(RETRY_MS);
    return true;
  }

  /** The room if it has unread messages. */
  #roomIfUnread() {
    const room = rooms.peek().get(this.roomId);
    return room?.unread && room.read !== null ? room : null;
  }

  async showNewest() {
    return this.atNewest.peek() || this.#replace(null, FIRST);
  }

  /** Loads again what is shown. hasHole: events were missed; until loading succeeds no message is added at the end. */
  async reload({ hasHole = false } = {}) {
    const list = this.messages.peek();
    const middle = this.following ? null : (list[Math.floor(list.length / 2)]?.id ?? null);
    await this.#replace(middle, Math.min(MOST, Math.max(FIRST, list.length)), { hasHole });
    if (this.problem.peek()) this.retryTimer.start(RETRY_MS);
  }

  async retryLoading() {
    await (this.messages.peek().length ? this.reload() : this.open(this.openedAt));
  }

  /** unread: the room, to mark its first unread message. @param {number|null} around @param {number} limit
   *  @param {{unread?: Room|null, hasHole?: boolean}} [options] */
  async #replace(around, limit, { unread = null, hasHole = false } = {}) {
    const request = ++this.request;
    let page = await this.#load(around !== null ? `around=${around}&limit=${limit}` : `limit=${limit}`, { hold: true });
    if (page && unread && beginsAfter(page, unread.read)) {
      page = await this.#load(`around=${unread.read}&limit=${limit}`, { hold: true });
    }
    const isCurrent = Boolean(page) && request === this.request;
    if (isCurrent) this.#show(page, unread);
    else if (hasHole && !page) this.atNewest.value = false;
    this.incoming.flush(); // also if another page is shown: this request may have been the last that held the events
    return isCurrent;
  }

  /** @param {Page} page @param {Room|null} unread */
  #show(page, unread) {
    this.retryTimer.clear();
    this.version += 1;
    batch(() => {
      this.window.replace(page);
      if (unread) this.#markNew(unread);
    });
  }

  #markNew({ read, unread }) {
    const first = this.messages.peek().find((message) => message.id > read && message.sender?.id !== me.peek()?.id);
    this.firstNewId.value = first?.id ?? null;
    this.newBelow.value = unread;
  }

  async loadOlder() {
    const { request, window } = this;
    const { oldest } = window;
    if (this.loading.peek() || !this.hasOlder.peek() || !oldest) return;
    /** @type {any[]} */
    const changes = [];
    this.changesMeanwhile = changes;
    const page = await this.#load(`before=${oldest}&limit=${PAGE}`);
    if (this.changesMeanwhile === changes) this.changesMeanwhile = null;
    if (!page || request !== this.request || window.oldest !== oldest) return;
    batch(() => {
      window.prepend(page);
      for (const event of changes) window.change(event);
    });
  }

  async loadNewer() {
    const { request, window } = this;
    if (this.loading.peek() || this.atNewest.peek() || !window.newest) return;
    const page = await this.#load(`after=${window.newest}&limit=${PAGE}`, { hold: true });
    if (page && request === this.request) window.append(page);
    this.incoming.flush();
  }

  /** A page of history, null if that failed. hold: events wait until the page is there. */
  async #load(query, { hold = false } = {}) {
    this.loading.value = true;
    if (hold) this.incoming.hold();
    const { request } = this;
    try {
      const page = await call("GET", `/room/${this.roomId}/messages?${query}`);
      this.problem.value = null;
      return page;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.value = problem;
      return null;
    } finally {
      if (hold) this.incoming.release();
      if (request === this.request) this.loading.value = false;
    }
  }

  // Events

  receive(event) {
    if (isPosted(event) || isMessageChange(event)) this.incoming.add(event);
  }

  #apply(events) {
    const posted = events.filter(isPosted).map((event) => this.#withOutboxKey(event));
    const unseen = posted.filter((message) => message.id > this.window.newest);
    if (this.atNewest.peek()) this.window.extend(posted, this.following);
    for (const confirmed of events.filter((event) => event.key)) this.#settle(confirmed);
    for (const event of events.filter(isMessageChange)) this.#change(event);
    this.#countNew(unseen.filter((message) => message.sender?.id !== me.peek()?.id));
  }

  /** The user's own message keeps the key that it was shown under, and so its place in the document. */
  #withOutboxKey(event) {
    if (event.key) return event;
    const key = this.outbox.matchEvent(event);
    return key ? { ...event, key } : event;
  }

  /**
   * The response says which message belongs to the key. The same text, sent from elsewhere, may have been matched with
   * it before.
   */
  #settle({ id, key }) {
    const matched = this.window.assignKey(id, key);
    if (matched && matched !== key) this.outbox.unmatch(matched);
  }

  #change(event) {
    this.window.change(event);
    this.changesMeanwhile?.push(event);
  }

  #countNew(messages) {
    if (!messages.length) return;
    this.announced.value = messages;
    if (!this.following || !this.atNewest.peek()) this.newBelow.value += messages.length;
    const read = rooms.peek().get(this.roomId)?.read ?? 0;
    if (document.hidden && (this.firstNewId.peek() ?? 0) <= read) this.firstNewId.value = messages[0].id;
  }

  #confirm(message) {
    this.receive(message);
    this.incoming.flush();
  }

  // What the user does

  /**
   * Shows a message at once, and posts it.
   * @param {string} text @param {{replyTo?: object|null, files?: {blob: File, preview: string|null}[]}} [options]
   */
  async send(text, { replyTo = null, files = [] } = {}) {
    const isSeparate = replyTo !== null || !files.length; // else the text goes with the first file
    if (text && isSeparate) this.outbox.sendText(text, replyTo);
    files.forEach(({ blob, preview }, index) => this.outbox.sendFile(blob, index || isSeparate ? "" : text, preview));
    this.following = true;
    await this.showNewest();
  }

  retry(entry) {
    this.outbox.retry(entry.key);
  }

  discard(entry) {
    this.outbox.discard(entry.key);
  }

  /** @param {number} id @param {string} text @throws {Problem} */
  edit(id, text) {
    return editMessage(this.window, id, text);
  }

  /** @param {number} id @throws {Problem} */
  delete(id) {
    return deleteMessage(this.window, id);
  }

  /** @param {number} id @param {string} emoji @param {boolean} on */
  react(id, emoji, on) {
    return setReaction(this.window, id, emoji, on);
  }

  /** Drops everything but the cached page. The outbox keeps sending. */
  close() {
    this.request += 1;
    this.retryTimer.clear();
    this.incoming.flush();
    if (this.version && !this.incoming.isHeld) cacheWindow(this.roomId, this.window);
    this.incoming.cancel();
    this.incoming.hold(); // for good: the next timeline of the room has the outbox now
    this.outbox.onPosted = this.outbox.onFailed = () => {};
    if (timelines.get(this.roomId) === this) timelines.delete(this.roomId);
  }
}

function beginsAfter({ messages, more }, read) {
  return more && messages[0].id > read;
}
