/** What ties a timeline to the place where it is scrolled: where it opens, what is fetched ahead, what counts as read. */
import { signal } from "../../vendor/ui.js";
import { go } from "../core/route.js";
import { live, messageId, toast, watched } from "../core/store.js";
import { markRead } from "../live/apply.js";
import { Scroll } from "./scroll.js";
import { stands } from "./settled.js";

const AHEAD_PX = 900; // so far from an end, what lies beyond is fetched
const READ_MS = 800; // what was seen for so long was read
const READ_AGAIN_MS = 3000; // what could not be marked as read is tried again
const SHOWN_MS = 2400; // a message that was gone to stands out so long

export class View {
  constructor(timeline) {
    this.timeline = timeline;
    /** Whether the newest is seen. */
    this.atEnd = signal(true);
    this.begun = false;
    this.goal = null;
    this.reading = null;
    this.scroll = null;
    this.ended = false;
    if (!messageId.peek() && timeline.openEarly()) this.#opens();
  }

  /** What stands already is drawn at once, and then placed. */
  #opens() {
    this.begun = true;
    this.goal = { version: 0, place: () => this.#toNew() };
  }

  mount(box, rows) {
    this.scroll = new Scroll(box, rows, { mayFollow: () => this.timeline.atNewest.peek(), onMove: () => this.look() });
    const seen = () => this.look();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      this.ended = true;
      if (this.reading) this.#read(); // what came was not counted as unread, for it was seen
      watched.value = null;
      this.scroll.end();
      this.timeline.drop();
    };
  }

  /** At a message of the address, at the first that is new, or at the end. */
  async begin() {
    if (this.begun) return;
    const wanted = messageId.peek();
    this.timeline.following = false;
    await this.#replacing(() => this.timeline.open(wanted), () => (wanted ? this.#show(wanted) : this.#toNew()));
    this.begun = true;
    if (messageId.peek() && messageId.peek() !== wanted) this.reveal(messageId.peek());
  }

  /** Goes to a message, wherever in the history it is. */
  reveal(id) {
    if (this.row(id)) this.#show(id);
    else this.#replacing(() => this.timeline.open(id), () => this.#show(id));
  }

  async toNewest() {
    go(`/r/${this.timeline.roomId}`, { replace: true });
    if (this.timeline.atNewest.peek()) this.scroll.toEnd();
    else await this.#replacing(() => this.timeline.toNewest(), () => this.scroll.toEnd());
    this.look();
  }

  /** place is done when what was loaded stands in the document; where nothing stood there before, also if it took another attempt. */
  async #replacing(load, place) {
    const goal = { version: this.timeline.version, place };
    this.goal = goal;
    const done = await load();
    if (done === false && this.goal === goal && this.timeline.version) this.goal = null;
  }

  /** After each change of the document. */
  settle() {
    if (this.timeline.following && !this.scroll.following && this.timeline.atNewest.peek()) this.scroll.following = true; // one has just posted
    this.scroll.restore();
    const { goal } = this;
    if (goal && this.timeline.version > goal.version) {
      this.goal = null;
      goal.place();
      stands();
    }
    this.look();
  }

  #toNew() {
    const row = this.scroll.rows.querySelector("[data-new]");
    if (row) this.scroll.toRow(row, { fresh: true });
    else this.scroll.toEnd();
  }

  #show(id) {
    const row = this.row(id);
    if (!row) return toast("That message is not there any more.");
    this.scroll.toRow(row);
    row.focus({ preventScroll: true });
    row.dataset.shown = "";
    return setTimeout(() => delete row.dataset.shown, SHOWN_MS);
  }

  row(id) {
    return this.scroll.rows.querySelector(`[data-id="${id}"]`);
  }

  /** What follows from where one is. */
  look() {
    const { timeline, scroll } = this;
    if (this.goal || !timeline.version) return;
    timeline.following = scroll.following;
    this.atEnd.value = scroll.following;
    watched.value = scroll.following && !document.hidden ? timeline.roomId : null;
    if (scroll.following) timeline.below.value = 0;
    this.#fetchAhead();
    this.reading ??= setTimeout(() => this.#read(), READ_MS);
  }

  #fetchAhead() {
    const { timeline, scroll } = this;
    if (timeline.problem.peek()) return;
    if (scroll.box.scrollTop < AHEAD_PX) timeline.older();
    if (scroll.distance < AHEAD_PX) timeline.newer();
  }

  #read() {
    clearTimeout(this.reading);
    this.reading = null;
    const id = document.hidden ? 0 : this.#lastSeen();
    if (id) markRead(this.timeline.roomId, id).catch(() => this.#readAgain());
  }

  /** Not before there is a connection. */
  #readAgain() {
    if (this.ended) return;
    clearTimeout(this.reading);
    this.reading = setTimeout(() => (live.peek() ? this.#read() : this.#readAgain()), READ_AGAIN_MS);
  }

  #lastSeen() {
    if (this.scroll.following) return this.timeline.seen.peek().at(-1)?.id;
    let row = this.scroll.lastSeen();
    while (row && !row.dataset.id) row = row.previousElementSibling;
    return Number(row?.dataset.id ?? 0);
  }
}
