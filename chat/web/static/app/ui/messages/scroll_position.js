// The scroll position of a list of messages: at the end while the reader follows it, else on the row that they read,
// whatever is added or removed around it.

const END_PX = 4; // tolerance, because positions are fractions of pixels
const NEAR_END_PX = 40; // a reader who scrolls down and stops this near means the end
const ABOVE_NEW = 0.25; // the part of the height that stays above the first new message

/**
 * @typedef {{element: HTMLElement, offset: number}} Anchor the row that keeps its place, and how far below the top it
 *   is
 */

export class ScrollPosition {
  /**
   * @param {HTMLElement} box the element that scrolls
   * @param {HTMLElement} rows the element with the rows
   * @param {{mayFollow: () => boolean, onScroll: () => void}} handlers mayFollow: whether the last row is the newest
   *   message
   */
  constructor(box, rows, { mayFollow, onScroll }) {
    this.box = box;
    this.rows = rows;
    this.mayFollow = mayFollow;
    this.onScroll = onScroll;
    this.isFollowing = true;
    /** @type {Anchor|null} */
    this.anchor = null;
    this.top = 0;
    this.listener = () => this.#handleScroll();
    this.observer = new ResizeObserver(() => this.restore());
    box.addEventListener("scroll", this.listener, { passive: true });
    for (const element of [box, rows]) this.observer.observe(element);
  }

  stop() {
    this.box.removeEventListener("scroll", this.listener);
    this.observer.disconnect();
  }

  get distanceToEnd() {
    return this.box.scrollHeight - this.box.clientHeight - this.box.scrollTop;
  }

  #handleScroll() {
    const { distanceToEnd, box } = this;
    const isNearEnd = distanceToEnd < NEAR_END_PX && box.scrollTop >= this.top;
    this.isFollowing = this.mayFollow() && (distanceToEnd < END_PX || isNearEnd);
    this.top = box.scrollTop;
    this.remember();
    this.onScroll();
  }

  /** Notes the row that the reader looks at, before rows change. */
  remember() {
    const isVisible = (row) => row.offsetTop + row.offsetHeight > this.box.scrollTop;
    const element = this.isFollowing ? null : this.#firstRow(isVisible);
    this.anchor = element && { element, offset: element.offsetTop - this.box.scrollTop };
  }

  /** Scrolls that row back to its place, after rows have changed. */
  restore() {
    if (this.isFollowing) this.#scrollTo(this.box.scrollHeight);
    else if (this.anchor?.element.isConnected) this.#scrollTo(this.anchor.element.offsetTop - this.anchor.offset);
    this.remember();
  }

  scrollToEnd() {
    this.isFollowing = true;
    this.restore();
  }

  /** Scrolls a row to the middle, or near the top, with the new messages below it. @param {HTMLElement} row */
  scrollToRow(row, { isFirstNew = false } = {}) {
    const height = this.box.clientHeight;
    const above = isFirstNew ? height * ABOVE_NEW : Math.max(0, (height - row.offsetHeight) / 2);
    this.isFollowing = false;
    this.#scrollTo(row.offsetTop - above);
    this.isFollowing = this.mayFollow() && this.distanceToEnd < END_PX;
    this.remember();
  }

  #scrollTo(top) {
    this.box.scrollTop = top;
    this.top = this.box.scrollTop;
  }

  /** The last row that is visible to its end. */
  lastVisibleRow() {
    const end = this.box.scrollTop + this.box.clientHeight + END_PX;
    const next = this.#firstRow((row) => row.offsetTop + row.offsetHeight > end);
    return next ? next.previousElementSibling : this.rows.lastElementChild;
  }

  /** The first row for which the condition holds, by binary search: the condition holds for all rows after it. */
  #firstRow(condition) {
    const rows = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.rows.children);
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (condition(rows[middle])) high = middle;
      else low = middle + 1;
    }
    return rows[low] ?? null;
  }
}
