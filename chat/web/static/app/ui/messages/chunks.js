// Divides a long list of messages into chunks: lists that stay the same object while their messages do. When a message
// arrives, only its chunk is drawn again. A message stays in its chunk, because in another one its elements would be
// made anew.

const SIZE = 32;

/** @typedef {{number: number, messages: any[], before: any}} Chunk before: the message before the chunk, or null */

/** What identifies a message on this page. @returns {string} */
export const messageKey = (message) => String(message.key ?? message.id);

export class Chunks {
  /** Message key -> number of its chunk. @type {Map<string, number>} */
  #numbers = new Map();
  /** Number of a chunk -> its messages. @type {Map<number, any[]>} */
  #lists = new Map();
  #count = 0;

  /** @param {any[]} items messages in order @returns {Chunk[]} */
  divide(items) {
    const chunks = this.#assign(items).map((chunk) => ({ ...chunk, messages: this.#reuse(chunk) }));
    this.#lists = new Map(chunks.map(({ number, messages }) => [number, messages]));
    return chunks;
  }

  #assign(items) {
    const numbers = new Map();
    /** @type {Chunk[]} */
    const chunks = [];
    const isGrowing = Boolean(items.at(-1)?.pending); // a pending message stays with the confirmed one before it
    for (const message of items) {
      const key = messageKey(message);
      const last = chunks.at(-1);
      const hasRoom = last && (isGrowing || last.messages.length < SIZE);
      const number = this.#numbers.get(key) ?? (hasRoom ? last.number : (this.#count += 1));
      numbers.set(key, number);
      if (last?.number === number) last.messages.push(message);
      else chunks.push({ number, messages: [message], before: last?.messages.at(-1) ?? null });
    }
    this.#numbers = numbers;
    return chunks;
  }

  /** The list of before if it holds the same messages. */
  #reuse({ number, messages }) {
    const known = this.#lists.get(number) ?? [];
    const isSame = known.length === messages.length && messages.every((message, at) => message === known[at]);
    return isSame ? known : messages;
  }
}
