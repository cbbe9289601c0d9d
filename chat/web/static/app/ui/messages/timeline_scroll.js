// What scrolling does in a timeline: where it opens, and older and newer messages that are fetched ahead.

import { signal } from "../../../vendor/ui.js";
import { navigate } from "../../core/router.js";
import { linkedMessageId, roomInView } from "../../core/store.js";
import { showToast } from "../../core/toasts.js";
import { markPainted } from "../common/first_paint.js";
import { ReadOnView } from "./read_on_view.js";
import { ScrollPosition } from "./scroll_position.js";

const FETCH_AHEAD_PX = 900; // this near to an end, the messages beyond it are fetched
const HIGHLIGHT_MS = 2400; // of a message that was scrolled to

/** @import {Timeline} from "../../core/timeline.js" */

export class TimelineScroll {
  /** Scrolls once the timeline has a newer version. @type {{version: number, scroll: () => void}|null} */
  #target = null;
  #readOnView;

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.timeline = timeline;
    this.#readOnView = new ReadOnView(timeline.roomId, () => this.#lastVisibleId());
    /** Whether the newest message is visible. */
    this.atEnd = signal(true);
    this.isOpen = false;
    /** Set at mount. @type {ScrollPosition|null} */
    this.position = null;
    if (!linkedMessageId.peek() && timeline.openPreloaded()) this.#openPreloaded();
  }

  /** A preloaded page is drawn at once, and scrolled then. */
  #openPreloaded() {
    this.isOpen = true;
    this.#target = { version: 0, scroll: () => this.#scrollToNew() };
  }

  /** The position of a mounted timeline. */
  get #position() {
    return /** @type {ScrollPosition} */ (this.position);
  }

  /** Returns a function that unmounts it and closes the timeline. @param {HTMLElement} box @param {HTMLElement} rows */
  mount(box, rows) {
    const update = () => this.update();
    this.position = new ScrollPosition(box, rows, { mayFollow: () => this.timeline.atNewest.peek(), onScroll: update });
    document.addEventListener("visibilitychange", update);
    return () => {
      document.removeEventListener("visibilitychange", update);
      this.#readOnView.stop();
      roomInView.value = null;
      this.#position.stop();
      this.timeline.close();
    };
  }

  /** At the message of the address, at the first new message, or at the end. */
  async open() {
    if (this.isOpen) return;
    const id = linkedMessageId.peek();
    this.timeline.following = false;
    await this.#loadAndScroll(() => this.timeline.open(id), () => (id ? this.#highlight(id) : this.#scrollToNew()));
    this.isOpen = true;
    const latest = linkedMessageId.peek();
    if (latest && latest !== id) this.goTo(latest);
  }

  /** Scrolls to a message, wherever in the history it is. @param {number} id */
  goTo(id) {
    if (this.#rowOf(id)) this.#highlight(id);
    else this.#loadAndScroll(() => this.timeline.open(id), () => this.#highlight(id));
  }

  async goToNewest() {
    navigate(`/r/${this.timeline.roomId}`, { replace: true });
    const scroll = () => this.#position.scrollToEnd();
    if (this.timeline.atNewest.peek()) scroll();
    else await this.#loadAndScroll(() => this.timeline.showNewest(), scroll);
    this.update();
  }

  /** Scrolls when the loaded messages are in the document. If there was nothing in it before, also after a retry. */
  async #loadAndScroll(load, scroll) {
    const target = { version: this.timeline.version, scroll };
    this.#target = target;
    const succeeded = await load();
    if (succeeded === false && this.#target === target && this.timeline.version) this.#target = null;
  }

  /** After each change of the document. */
  afterRender() {
    const { timeline } = this;
    const position = this.#position;
    // The user has just posted.
    if (timeline.following && !position.isFollowing && timeline.atNewest.peek()) position.isFollowing = true;
    position.restore();
    const target = this.#target;
    if (target && timeline.version > target.version) {
      this.#target = null;
      target.scroll();
      markPainted();
    }
    this.update();
  }

  #scrollToNew() {
    const row = /** @type {HTMLElement|null} */ (this.#position.rows.querySelector("[data-new]"));
    if (row) this.#position.scrollToRow(row, { isFirstNew: true });
    else this.#position.scrollToEnd();
  }

  #highlight(id) {
    const row = this.#rowOf(id);
    if (!row) return showToast("That message is not there any more.");
    this.#position.scrollToRow(row);
    row.focus({ preventScroll: true });
    row.dataset.shown = "";
    return setTimeout(() => delete row.dataset.shown, HIGHLIGHT_MS);
  }

  /** @returns {HTMLElement|null} */
  #rowOf(id) {
    return this.#position.rows.querySelector(`[data-id="${id}"]`);
  }

  /** After scrolling, and after each change of what is visible. */
  update() {
    const { timeline } = this;
    if (this.#target || !timeline.version) return;
    const { isFollowing } = this.#position;
    timeline.following = isFollowing;
    this.atEnd.value = isFollowing;
    roomInView.value = isFollowing && !document.hidden ? timeline.roomId : null;
    if (isFollowing) timeline.newBelow.value = 0;
    this.#fetchAhead();
    this.#readOnView.update();
  }

  #fetchAhead() {
    const { timeline } = this;
    if (timeline.problem.peek()) return;
    if (this.#position.box.scrollTop < FETCH_AHEAD_PX) timeline.loadOlder();
    if (this.#position.distanceToEnd < FETCH_AHEAD_PX) timeline.loadNewer();
  }

  #lastVisibleId() {
    if (this.#position.isFollowing) return this.timeline.messages.peek().at(-1)?.id;
    let row = /** @type {HTMLElement|null} */ (this.#position.lastVisibleRow());
    while (row && !row.dataset.id) row = /** @type {HTMLElement|null} */ (row.previousElementSibling);
    return Number(row?.dataset.id ?? 0);
  }
}
