// One thing that is due: starting it again moves it.

export class Timer {
  #due;
  #id = null;

  constructor(due) {
    this.#due = due;
  }

  get set() {
    return this.#id !== null;
  }

  start(ms) {
    this.clear();
    this.#id = setTimeout(() => {
      this.#id = null;
      this.#due();
    }, ms);
  }

  clear() {
    clearTimeout(this.#id);
    this.#id = null;
  }
}
