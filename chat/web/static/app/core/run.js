// A run of messages without holes, bounded, of a history that may be long: it grows at either end and lets go at the other.

import { batch, signal } from "../../vendor/ui.js";
import { corrected, withAll } from "./messages.js";

export const MOST = 300; // messages in memory, and in the document
const SPARE = 50; // that much is let go at a time

/** @typedef {{messages: import("./messages.js").Message[], more: boolean, newer: boolean}} Page of history: older and newer ones exist */

export class Run {
  constructor() {
    this.seen = signal([]);
    this.atNewest = signal(false);
    this.hasOlder = signal(false);
  }

  get oldest() {
    return this.seen.peek()[0]?.id ?? 0;
  }

  get newest() {
    return this.seen.peek().at(-1)?.id ?? 0;
  }

  /** Another run in its place. */
  replace({ messages, more, newer }) {
    batch(() => {
      this.seen.value = messages;
      this.hasOlder.value = more;
      this.atNewest.value = !newer;
    });
  }

  prepend({ messages, more }) {
    batch(() => {
      this.hasOlder.value = more;
      this.#keepOldest([...messages, ...this.seen.peek()]);
    });
  }

  append({ messages, newer }) {
    batch(() => {
      this.atNewest.value = !newer;
      this.#keepNewest(withAll(this.seen.peek(), messages));
    });
  }

  /** What was just posted. Who looks further up keeps what they look at: the run then ends before the newest. */
  extend(messages, following) {
    const list = withAll(this.seen.peek(), messages);
    if (following) this.#keepNewest(list);
    else this.#keepOldest(list);
  }

  /** By an `edited`, `deleted`, `reacted` or `unreacted` event. */
  correct(event) {
    this.seen.value = corrected(this.seen.peek(), event);
  }

  /** Nothing but the message with that id goes by that key. Returns the key that it went by. */
  name(id, key) {
    const list = this.seen.peek();
    const changed = list.map((message) => (message.id === id ? keyed(message, key) : message.key === key ? keyed(message, undefined) : message));
    if (changed.some((message, index) => message !== list[index])) this.seen.value = changed;
    return list.find((message) => message.id === id)?.key;
  }

  #keepNewest(list) {
    if (list.length > MOST) this.hasOlder.value = true;
    this.seen.value = list.length > MOST ? list.slice(SPARE - MOST) : list;
  }

  #keepOldest(list) {
    if (list.length > MOST) this.atNewest.value = false;
    this.seen.value = list.length > MOST ? list.slice(0, MOST) : list;
  }
}

function keyed(message, key) {
  return message.key === key ? message : { ...message, key };
}
