// Moves a room's read marker to the last visible message once it has been visible for a while.

import { isConnected } from "../../core/store.js";
import { markRead } from "../../live/unread.js";

const READ_MS = 800; // a message that was visible for so long was read
const RETRY_MS = 3000;

export class ReadOnView {
  #roomId;
  #lastVisibleId;
  /** @type {ReturnType<typeof setTimeout>|null} */
  #timer = null;
  #isStopped = false;

  /** @param {number} roomId @param {() => number|undefined} lastVisibleId 0 or undefined if no message is visible */
  constructor(roomId, lastVisibleId) {
    this.#roomId = roomId;
    this.#lastVisibleId = lastVisibleId;
  }

  /** After each change of what is visible. */
  update() {
    this.#timer ??= setTimeout(() => this.#markRead(), READ_MS);
  }

  /** While the messages are still in the document. */
  stop() {
    this.#isStopped = true;
    if (this.#timer) this.#markRead(); // messages in view were not counted as unread
  }

  #markRead() {
    this.#clearTimer();
    const id = document.hidden ? 0 : this.#lastVisibleId();
    if (id) markRead(this.#roomId, id).catch(() => this.#retry());
  }

  /** Not before there is a connection. */
  #retry() {
    if (this.#isStopped) return;
    this.#clearTimer();
    this.#timer = setTimeout(() => (isConnected.peek() ? this.#markRead() : this.#retry()), RETRY_MS);
  }

  #clearTimer() {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }
}
