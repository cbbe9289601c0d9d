// One deadline: starting it again moves it.

export class Timer {
  #callback;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #id;

  /** @param {() => void} callback */
  constructor(callback) {
    this.#callback = callback;
  }

  get isRunning() {
    return this.#id !== undefined;
  }

  /** @param {number} ms */
  start(ms) {
    this.clear();
    this.#id = setTimeout(() => {
      this.#id = undefined;
      this.#callback();
    }, ms);
  }

  clear() {
    clearTimeout(this.#id);
    this.#id = undefined;
  }
}
