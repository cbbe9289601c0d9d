// Events that are taken up together, once a frame, and not while a page of history is on its way.

const FRAME_MS = 250; // where no frame comes, as in a tab that is not seen

export class Gathering {
  #take;
  #events = [];
  #held = 0;
  #frame = null;

  /** @param {(events: object[]) => void} take */
  constructor(take) {
    this.#take = take;
  }

  add(event) {
    this.#events.push(event);
    if (!this.#frame) this.#frame = nextFrame(() => this.now());
  }

  get held() {
    return this.#held > 0;
  }

  hold() {
    this.#held += 1;
  }

  release() {
    this.#held -= 1;
  }

  /** Takes up what is there, unless it is held. */
  now() {
    this.stop();
    if (this.held) return;
    const events = this.#events;
    this.#events = [];
    if (events.length) this.#take(events);
  }

  stop() {
    this.#frame?.();
    this.#frame = null;
  }
}

/** Once, at the next frame, or soon where there are none. Returns what calls it off. */
function nextFrame(act) {
  const frame = requestAnimationFrame(() => act());
  const timer = setTimeout(act, FRAME_MS);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
