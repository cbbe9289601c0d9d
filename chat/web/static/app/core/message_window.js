// A window on a room's history: messages without holes, at most MOST of them. It grows at either end and drops messages
// at the other.

import { batch, signal } from "../../vendor/ui.js";
import { applyChange, mergeMessages } from "./message_list.js";

export const MOST = 300; // messages in memory, and in the document
const DROPPED = 50; // messages at a time

/** @import {Signal} from "../../vendor/ui.js" */
/** @import {Message} from "./message_list.js" */
/** Of history. more: older messages exist. @typedef {{messages: Message[], more: boolean, newer: boolean}} Page */

export class MessageWindow {
  constructor() {
    /** @type {Signal<Message[]>} */
    this.messages = signal([]);
    this.atNewest = signal(false);
    this.hasOlder = signal(false);
  }

  get oldest() {
    return this.messages.peek()[0]?.id ?? 0;
  }

  get newest() {
    return this.messages.peek().at(-1)?.id ?? 0;
  }

  /** @param {Page} page */
  replace({ messages, more, newer }) {
    batch(() => {
      this.messages.value = messages;
      this.hasOlder.value = more;
      this.atNewest.value = !newer;
    });
  }

  /** @param {Page} page */
  prepend({ messages, more }) {
    batch(() => {
      this.hasOlder.value = more;
      this.#keepOldest([...messages, ...this.messages.peek()]);
    });
  }

  /** @param {Page} page */
  append({ messages, newer }) {
    batch(() => {
      this.atNewest.value = !newer;
      this.#keepNewest(mergeMessages(this.messages.peek(), messages));
    });
  }

  /**
   * Adds messages that were just posted. A reader who is further up keeps what they read: the window then ends before
   * the newest message.
   * @param {Message[]} messages
   * @param {boolean} following whether the reader is at the end
   */
  extend(messages, following) {
    const list = mergeMessages(this.messages.peek(), messages);
    if (following) this.#keepNewest(list);
    else this.#keepOldest(list);
  }

  /** Applies an `edited`, `deleted`, `reacted` or `unreacted` event. */
  change(event) {
    this.messages.value = applyChange(this.messages.peek(), event);
  }

  /**
   * Gives the key to the message with that id, and takes it from every other message. Returns the key that the message
   * had.
   */
  assignKey(id, key) {
    const list = this.messages.peek();
    const changed = list.map((message) => {
      if (message.id === id) return withKey(message, key);
      return message.key === key ? withKey(message, undefined) : message;
    });
    if (changed.some((message, index) => message !== list[index])) this.messages.value = changed;
    return list.find((message) => message.id === id)?.key;
  }

  #keepNewest(list) {
    if (list.length > MOST) this.hasOlder.value = true;
    this.messages.value = list.length > MOST ? list.slice(DROPPED - MOST) : list;
  }

  #keepOldest(list) {
    if (list.length > MOST) this.atNewest.value = false;
    this.messages.value = list.length > MOST ? list.slice(0, MOST) : list;
  }
}

function withKey(message, key) {
  return message.key === key ? message : { ...message, key };
}
