/** Cuts a long list of messages into stretches: lists that stay the very same while their messages do, so that a message that comes has one
 *  of them drawn anew, and not all. A message stays in its stretch, for in another one it would be drawn from nothing. */

const SIZE = 32;

/** What a message is known by on this page. */
export const nameOf = (message) => String(message.key ?? message.id);

export class Stretches {
  /** name -> number of its stretch */
  #homes = new Map();
  /** number -> messages */
  #lists = new Map();
  #count = 0;

  /** @param {object[]} items messages in order @returns {{number: number, messages: object[], before: object|null}[]} before: the message that comes before */
  cut(items) {
    const stretches = this.#cut(items);
    this.#lists = new Map(stretches.map(({ number, messages }) => [number, messages]));
    return stretches;
  }

  #cut(items) {
    const homes = new Map();
    const stretches = [];
    const growing = Boolean(items.at(-1)?.pending); // which comes last, and must not be parted from what is confirmed before it
    for (const message of items) {
      const name = nameOf(message);
      const last = stretches.at(-1);
      const number = this.#homes.get(name) ?? (last && (growing || last.messages.length < SIZE) ? last.number : (this.#count += 1));
      homes.set(name, number);
      if (last?.number === number) last.messages.push(message);
      else stretches.push({ number, messages: [message], before: last?.messages.at(-1) ?? null });
    }
    this.#homes = homes;
    return stretches.map((stretch) => ({ ...stretch, messages: this.#same(stretch) }));
  }

  /** The list as it was before, where it holds the same. */
  #same({ number, messages }) {
    const known = this.#lists.get(number);
    return known?.length === messages.length && messages.every((message, at) => message === known[at]) ? known : messages;
  }
}
