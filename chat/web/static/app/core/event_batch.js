// Collects events and applies them together, once a frame, and not while a page of history is loading.

const FRAME_MS = 250; // if no frame comes, as in a hidden tab

export class EventBatch {
  #apply;
  /** @type {any[]} */
  #events = [];
  #holds = 0;
  /** @type {(() => void)|null} */
  #cancelFrame = null;

  /** @param {(events: any[]) => void} apply */
  constructor(apply) {
    this.#apply = apply;
  }

  add(event) {
    this.#events.push(event);
    this.#cancelFrame ??= onNextFrame(() => this.flush());
  }

  get isHeld() {
    return this.#holds > 0;
  }

  hold() {
    this.#holds += 1;
  }

  release() {
    this.#holds -= 1;
  }

  /** Applies the events now, unless they are held. */
  flush() {
    this.cancel();
    if (this.isHeld) return;
    const events = this.#events;
    this.#events = [];
    if (events.length) this.#apply(events);
  }

  cancel() {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
  }
}

/** Calls once, at the next frame or after FRAME_MS. Returns a function that cancels it. */
function onNextFrame(callback) {
  const frame = requestAnimationFrame(() => callback());
  const timer = setTimeout(callback, FRAME_MS);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
