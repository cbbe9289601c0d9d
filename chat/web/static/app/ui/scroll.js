/** Where a list of messages is scrolled to: at its end while that is followed, and else where the eye is, whatever comes and goes around. */

const END_PX = 4; // the end, as fractions of pixels have it
const NEAR_END_PX = 40; // on the way down, this near is meant as the end
const FRESH_PART = 0.25; // of the height, above the first new message

export class Scroll {
  /**
   * @param {HTMLElement} box what scrolls
   * @param {HTMLElement} rows what is in it
   * @param {{mayFollow: () => boolean, onMove: () => void}} asks mayFollow: whether the end is the end of all there is
   */
  constructor(box, rows, { mayFollow, onMove }) {
    Object.assign(this, { box, rows, mayFollow, onMove, following: true, anchor: null, top: 0 });
    this.onScroll = () => this.#moved();
    this.sizes = new ResizeObserver(() => this.restore());
    box.addEventListener("scroll", this.onScroll, { passive: true });
    for (const element of [box, rows]) this.sizes.observe(element);
  }

  end() {
    this.box.removeEventListener("scroll", this.onScroll);
    this.sizes.disconnect();
  }

  get distance() {
    return this.box.scrollHeight - this.box.clientHeight - this.box.scrollTop;
  }

  #moved() {
    const { distance, box } = this;
    this.following = this.mayFollow() && (distance < END_PX || (distance < NEAR_END_PX && box.scrollTop >= this.top));
    this.top = box.scrollTop;
    this.remember();
    this.onMove();
  }

  /** Notes what is looked at, before anything changes. */
  remember() {
    const element = this.following ? null : this.#first((row) => row.offsetTop + row.offsetHeight > this.box.scrollTop);
    this.anchor = element && { element, from: element.offsetTop - this.box.scrollTop };
  }

  /** Puts it back where it was, after something has changed. */
  restore() {
    if (this.following) this.#to(this.box.scrollHeight);
    else if (this.anchor?.element.isConnected) this.#to(this.anchor.element.offsetTop - this.anchor.from);
    this.remember();
  }

  toEnd() {
    this.following = true;
    this.restore();
  }

  /** So that a row stands in the middle, or with what is new below it. */
  toRow(row, { fresh = false } = {}) {
    const room = this.box.clientHeight;
    const above = fresh ? room * FRESH_PART : Math.max(0, (room - row.offsetHeight) / 2);
    this.following = false;
    this.#to(row.offsetTop - above);
    this.following = this.mayFollow() && this.distance < END_PX;
    this.remember();
  }

  #to(top) {
    this.box.scrollTop = top;
    this.top = this.box.scrollTop;
  }

  /** The last row of which nothing lies below what is seen; null for none. */
  lastSeen() {
    const end = this.box.scrollTop + this.box.clientHeight + END_PX;
    const after = this.#first((row) => row.offsetTop + row.offsetHeight > end);
    return after ? after.previousElementSibling : this.rows.lastElementChild;
  }

  /** The first row of which something holds that holds of all after it, in few looks. */
  #first(holds) {
    const { children } = this.rows;
    let low = 0;
    let high = children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(children[middle])) high = middle;
      else low = middle + 1;
    }
    return children[low] ?? null;
  }
}
