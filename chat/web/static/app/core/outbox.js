// What is on its way to a room: shown at once, posted one after the other, each under a key that makes posting it again harmless.

import { effect, signal, untracked } from "../../vendor/ui.js";
import { Problem, call, newKey, upload } from "./api.js";
import { keepUnsent, unsentOf } from "./drafts.js";
import { openRoom } from "./route.js";
import { currentId, live, me, rooms, toast, toasts } from "./store.js";

const ANSWER_MS = 30_000; // a post that is answered later may have been made: trying again finds out
const AGAIN_MS = [400, 1600]; // without a connection: tried again so many times before it is told

/** @typedef {{key: string, kind: "message"|"file", text: string, reply_to: object|null, sender: object, created_at: string, file?: object,
 *   state: "sending"|"failed", problem: Problem|null}} Entry a message that is not confirmed; pending is true of all of them */

const boxes = new Map();

/** One for each room; it outlives the room's being looked at. */
export function outboxOf(roomId) {
  const key = `${me.value.id}/${roomId}`;
  if (!boxes.has(key)) boxes.set(key, new Outbox(roomId));
  return boxes.get(key);
}

/** What found no connection is sent when there is one again, in its order. */
effect(() => live.value && untracked(() => boxes.forEach((box) => box.resume())));

class Outbox {
  constructor(roomId) {
    this.roomId = roomId;
    /** Oldest first. */
    this.entries = signal(unsentOf(roomId).map((kept) => ({ ...kept, pending: true, state: "failed", problem: null })));
    /** Is told of each message that was posted, with the key of its entry. */
    this.onPosted = () => {};
    /** Is told of the key of each entry that is shown again, for it has failed. */
    this.onFailed = () => {};
    this.lanes = { message: Promise.resolve(), file: Promise.resolve() };
    /** The newest that was answered in each lane: what is on its way there is newer. */
    this.answered = { message: 0, file: 0 };
    this.arrived = new Set();
    this.stops = new Map();
    this.told = null;
  }

  sendText(text, replyTo) {
    this.#add({ kind: "message", text, reply_to: replyTo ?? null });
  }

  sendFile(blob, text, preview) {
    const file = { name: blob.name, size: blob.size, type: blob.type, preview, blob, progress: signal(0) };
    this.#add({ kind: "file", text, reply_to: null, file });
  }

  #add(given) {
    const entry = { ...given, key: newKey(), pending: true, state: "sending", problem: null, sender: sender(), created_at: new Date().toISOString() };
    this.#set([...this.entries.peek(), entry]);
    this.#queue(entry);
  }

  resume() {
    for (const { key, problem } of this.entries.peek()) if (problem?.status === 0) this.retry(key);
  }

  /** The same once more, under the same key. */
  retry(key) {
    const entry = this.#find(key);
    if (entry?.state !== "failed") return;
    this.#change(key, { state: "sending", problem: null });
    this.#queue(entry);
  }

  /** Takes it off, whether it has failed or is on its way. */
  discard(key) {
    this.stops.get(key)?.abort();
    this.#forget(key);
  }

  /** Whether an event of the stream is what was sent: the oldest of the same words is then shown no more. Its answer is yet to come. */
  recognise(event) {
    if (event.id <= this.answered[event.kind]) return undefined;
    const same = (entry) => entry.state === "sending" && entry.kind === event.kind && entry.text === event.text && isSameFile(entry, event);
    const entry = event.sender?.id === me.value?.id && this.entries.peek().find((each) => !this.arrived.has(each.key) && same(each));
    if (!entry) return undefined;
    this.arrived.add(entry.key);
    this.entries.value = [...this.entries.peek()];
    return entry.key;
  }

  /** What was recognised was another's: its entry is still on its way. */
  mistaken(key) {
    if (this.arrived.delete(key)) this.entries.value = [...this.entries.peek()];
  }

  /** Those that are to be shown. */
  shown() {
    return this.entries.value.filter((entry) => !this.arrived.has(entry.key));
  }

  #queue(entry) {
    this.lanes[entry.kind] = this.lanes[entry.kind].then(() => this.#post(entry));
  }

  async #post(entry) {
    if (!this.#find(entry.key)) return;
    try {
      const message = await insistently(() => this.#deliver(entry));
      this.answered[entry.kind] = Math.max(this.answered[entry.kind], message.id);
      this.#forget(entry.key);
      this.onPosted(message, entry.key);
    } catch (problem) {
      this.#failed(entry.key, problem);
    }
  }

  async #deliver(entry) {
    const stop = new AbortController();
    if (!this.#find(entry.key)) throw new DOMException("It was discarded", "AbortError");
    this.stops.set(entry.key, stop);
    return entry.kind === "file" ? this.#upload(entry, stop) : this.#call(entry, stop);
  }

  #upload({ key, text, file }, { signal }) {
    const onProgress = (part) => (file.progress.value = part);
    return upload(`/room/${this.roomId}/files`, { file: file.blob, text: text || undefined }, { key, signal, onProgress });
  }

  async #call({ key, text, reply_to }, stop) {
    const late = setTimeout(() => stop.abort(new Problem()), ANSWER_MS);
    try {
      return await call("POST", `/room/${this.roomId}/messages`, reply_to ? { text, reply_to: reply_to.id } : { text }, { key, signal: stop.signal });
    } finally {
      clearTimeout(late);
    }
  }

  /** What was recognised and yet got no answer is shown again: nobody else's words are taken for it. A fault of the page's own is reported,
   *  and keeps nothing from what waits behind. */
  #failed(key, problem) {
    this.arrived.delete(key);
    this.stops.delete(key);
    const known = problem instanceof Problem;
    if (!known && problem.name === "AbortError") return;
    if (!known) reportError(problem);
    if (!this.#find(key)) return;
    this.onFailed(key);
    this.#change(key, { state: "failed", problem: known ? problem : null });
    this.#tellElsewhere();
  }

  /** To whoever looks at another room; once, while it is said. */
  #tellElsewhere() {
    if (!me.peek() || currentId.peek() === this.roomId || toasts.peek().some(({ id }) => id === this.told)) return;
    const room = rooms.peek().get(this.roomId);
    const action = room && { label: "Show", run: () => openRoom(this.roomId) };
    this.told = toast(`What you wrote in ${room?.name ?? "a room that is gone"} was not sent.`, { action });
  }

  #find(key) {
    return this.entries.peek().find((entry) => entry.key === key);
  }

  #forget(key) {
    const entry = this.#find(key);
    if (entry?.file?.preview) URL.revokeObjectURL(entry.file.preview);
    this.arrived.delete(key);
    this.stops.delete(key);
    this.#set(this.entries.peek().filter((each) => each.key !== key));
  }

  #change(key, changes) {
    this.#set(this.entries.peek().map((entry) => (entry.key === key ? { ...entry, ...changes } : entry)));
  }

  #set(entries) {
    this.entries.value = entries;
    if (me.peek()) keepUnsent(this.roomId, entries.filter((entry) => entry.kind === "message").map(kept)); // a file cannot be kept
  }
}

function sender() {
  const { id, name } = untracked(() => me.value);
  return { id, name };
}

function kept({ key, kind, text, reply_to, sender, created_at }) {
  return { key, kind, text, reply_to, sender, created_at };
}

const isSameFile = (entry, event) => entry.kind !== "file" || entry.file.size === event.file.size;

/** Tries again where there was no answer: the key makes it harmless. */
async function insistently(deliver) {
  for (const wait of AGAIN_MS) {
    try {
      return await deliver();
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 0) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return deliver();
}
