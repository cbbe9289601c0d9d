// Messages on their way to a room: shown at once, posted one after the other, each under a key that makes it harmless
// to post it again.

import { effect, signal, untracked } from "../../vendor/ui.js";
import { Problem, call, randomKey, upload } from "./api.js";
import { loadUnsent, saveUnsent } from "./drafts.js";
import { openRoom } from "./router.js";
import { currentRoomId, isConnected, me, myId, rooms } from "./store.js";
import { showToast, toasts } from "./toasts.js";

const RESPONSE_MS = 30_000; // a later response may mean that the message was posted: a retry finds out
const RETRY_MS = [400, 1600]; // pauses between attempts without a connection, before the message is shown as failed

/** @import {Signal} from "../../vendor/ui.js" */
/** @import {Message} from "./message_list.js" */
/**
 * A message that is not confirmed.
 * @typedef {{key: string, kind: "message"|"file", text: string, reply_to: any, sender: object, created_at: string,
 *   file?: any, pending: true, state: "sending"|"failed", problem: Problem|null}} Entry
 */

/** @type {Map<string, Outbox>} */
const outboxes = new Map();

/** The room's outbox. It outlives the room's timeline. @param {number} roomId @returns {Outbox} */
export function outboxOf(roomId) {
  const key = `${myId.value}/${roomId}`;
  const outbox = outboxes.get(key) ?? new Outbox(roomId);
  outboxes.set(key, outbox);
  return outbox;
}

/** Messages that found no connection are sent in their order when the connection is back. */
effect(() => isConnected.value && untracked(() => outboxes.forEach((outbox) => outbox.resume())));

export class Outbox {
  /** @param {number} roomId */
  constructor(roomId) {
    this.roomId = roomId;
    const unsent = loadUnsent(roomId).map((entry) => ({ ...entry, pending: true, state: "failed", problem: null }));
    /** Oldest first. @type {Signal<Entry[]>} */
    this.entries = signal(unsent);
    /**
     * Called with each message that was posted and the key of its entry.
     * @type {(message: Message, key: string) => void}
     */
    this.onPosted = () => {};
    /** Called with the key of each entry that has failed and is shown again. @type {(key: string) => void} */
    this.onFailed = () => {};
    /** Texts and files are posted in parallel. @type {Record<Entry["kind"], Promise<void>>} */
    this.queues = { message: Promise.resolve(), file: Promise.resolve() };
    /** The newest confirmed id in each queue: a queued message gets a newer one. */
    this.confirmed = { message: 0, file: 0 };
    /** Keys of entries whose event has arrived, but not yet the response. @type {Set<string>} */
    this.arrived = new Set();
    /** @type {Map<string, AbortController>} */
    this.controllers = new Map();
    /** The toast that says that something was not sent. @type {number|null} */
    this.toastId = null;
  }

  /** @param {string} text @param {object|null} [replyTo] */
  sendText(text, replyTo) {
    this.#add({ kind: "message", text, reply_to: replyTo ?? null });
  }

  /** @param {File} blob @param {string} text @param {string|null} preview */
  sendFile(blob, text, preview) {
    const file = { name: blob.name, size: blob.size, type: blob.type, preview, blob, progress: signal(0) };
    this.#add({ kind: "file", text, reply_to: null, file });
  }

  #add(content) {
    const state = { pending: true, state: "sending", problem: null };
    const entry = { ...content, ...state, key: randomKey(), sender: sender(), created_at: new Date().toISOString() };
    this.#set([...this.entries.peek(), entry]);
    this.#enqueue(entry);
  }

  resume() {
    for (const { key, problem } of this.entries.peek()) if (problem?.status === 0) this.retry(key);
  }

  /** Posts a failed entry again, under the same key. @param {string} key */
  retry(key) {
    const entry = this.#find(key);
    if (entry?.state !== "failed") return;
    this.#patch(key, { state: "sending", problem: null });
    this.#enqueue(entry);
  }

  /** Removes an entry that has failed or is on its way. @param {string} key */
  discard(key) {
    this.controllers.get(key)?.abort();
    this.#remove(key);
  }

  /**
   * Matches an event with the oldest entry of the same content, whose response is still to come. That entry is then not
   * shown any more.
   * @returns {string|undefined} the entry's key
   */
  matchEvent(event) {
    if (event.id <= this.confirmed[event.kind] || event.sender?.id !== me.value?.id) return undefined;
    const entry = this.entries.peek().find((each) => !this.arrived.has(each.key) && hasSameContent(each, event));
    if (!entry) return undefined;
    this.arrived.add(entry.key);
    this.entries.value = [...this.entries.peek()];
    return entry.key;
  }

  /** The matched event was another message: its entry is still on its way. @param {string} key */
  unmatch(key) {
    if (this.arrived.delete(key)) this.entries.value = [...this.entries.peek()];
  }

  visibleEntries() {
    return this.entries.value.filter((entry) => !this.arrived.has(entry.key));
  }

  #enqueue(entry) {
    this.queues[entry.kind] = this.queues[entry.kind].then(() => this.#post(entry));
  }

  async #post(entry) {
    if (!this.#find(entry.key)) return;
    try {
      const message = await withRetries(() => this.#attempt(entry));
      this.confirmed[entry.kind] = Math.max(this.confirmed[entry.kind], message.id);
      this.#remove(entry.key);
      this.onPosted(message, entry.key);
    } catch (error) {
      this.#fail(entry.key, error);
    }
  }

  async #attempt(entry) {
    const controller = new AbortController();
    if (!this.#find(entry.key)) throw new DOMException("The message was discarded", "AbortError");
    this.controllers.set(entry.key, controller);
    return entry.kind === "file" ? this.#postFile(entry, controller) : this.#postText(entry, controller);
  }

  #postFile({ key, text, file }, controller) {
    const onProgress = (part) => (file.progress.value = part);
    const fields = { file: file.blob, text: text || undefined };
    return upload(`/room/${this.roomId}/files`, fields, { key, signal: controller.signal, onProgress });
  }

  async #postText({ key, text, reply_to }, controller) {
    const timer = setTimeout(() => controller.abort(new Problem()), RESPONSE_MS);
    const body = reply_to ? { text, reply_to: reply_to.id } : { text };
    try {
      return await call("POST", `/room/${this.roomId}/messages`, body, { key, signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Shows the entry again, also if an event was matched: somebody else's message is never taken for it. An error of the
   * page itself is reported, and holds up nothing that waits behind.
   */
  #fail(key, error) {
    this.arrived.delete(key);
    this.controllers.delete(key);
    const problem = error instanceof Problem ? error : null;
    if (!problem && error.name === "AbortError") return;
    if (!problem) reportError(error);
    if (!this.#find(key)) return;
    this.onFailed(key);
    this.#patch(key, { state: "failed", problem });
    this.#notifyElsewhere();
  }

  /** Shows a toast while the user is in another room; one at a time. */
  #notifyElsewhere() {
    const isShown = toasts.peek().some(({ id }) => id === this.toastId);
    if (!me.peek() || currentRoomId.peek() === this.roomId || isShown) return;
    const room = rooms.peek().get(this.roomId);
    const action = room && { label: "Show", run: () => openRoom(this.roomId) };
    this.toastId = showToast(`What you wrote in ${room?.name ?? "a room that is gone"} was not sent.`, { action });
  }

  #find(key) {
    return this.entries.peek().find((entry) => entry.key === key);
  }

  #remove(key) {
    const entry = this.#find(key);
    if (entry?.file?.preview) URL.revokeObjectURL(entry.file.preview);
    this.arrived.delete(key);
    this.controllers.delete(key);
    this.#set(this.entries.peek().filter((each) => each.key !== key));
  }

  #patch(key, changes) {
    this.#set(this.entries.peek().map((entry) => (entry.key === key ? { ...entry, ...changes } : entry)));
  }

  #set(entries) {
    this.entries.value = entries;
    if (!me.peek()) return;
    // A file cannot be stored.
    saveUnsent(this.roomId, entries.filter((entry) => entry.kind === "message").map(serialize));
  }
}

function sender() {
  return untracked(() => ({ id: me.value?.id, name: me.value?.name }));
}

function serialize({ key, kind, text, reply_to, sender: author, created_at }) {
  return { key, kind, text, reply_to, sender: author, created_at };
}

function hasSameContent(entry, event) {
  if (entry.state !== "sending" || entry.kind !== event.kind || entry.text !== event.text) return false;
  return entry.kind !== "file" || entry.file.size === event.file.size;
}

/** Tries again while there is no response: the key makes it harmless. */
async function withRetries(attempt) {
  for (const pause of RETRY_MS) {
    try {
      return await attempt();
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 0) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return attempt();
}
