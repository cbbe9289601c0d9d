// The controller of a room's composer: the text and its draft, files, keys (Enter sends), paste, typing and sending.

import { computed, effect, signal, untracked } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { loadDraft, saveDraft } from "../../core/drafts.js";
import { TEXT_BYTES } from "../../core/limits.js";
import { me, myId } from "../../core/store.js";
import { openDialog } from "../common/dialog_state.js";
import { deferred } from "../common/load_deferred.js";
import { problemMessage } from "../common/problem_messages.js";
import { AttachmentTray } from "./attachment_tray.js";
import { editing, replyTo, resetMode, startEdit } from "./composer_mode.js";

const TYPING_INTERVAL_MS = 3000; // between two typing signals
const DRAFT_DELAY_MS = 300;
const IME_KEY_CODE = 229; // of an input method's keys

/** @import {ReadonlySignal} from "../../../vendor/ui.js" */
/** @import {Draft} from "../../core/drafts.js" */
/** @import {Timeline} from "../../core/timeline.js" */
/** @import {Completion} from "./completion.js" */

export class ComposerController {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #draftTimer;
  /** @type {Draft} */
  #draft = { text: "", replyTo: null };

  /** @param {{id: number, name: string, user?: object}} room @param {Timeline} timeline */
  constructor(room, timeline) {
    this.room = room;
    this.timeline = timeline;
    this.tray = new AttachmentTray();
    /** Set by the view. @type {{current: any}} */
    this.textarea = { current: null };
    /** null until it is loaded. @type {ReadonlySignal<Completion|null>} */
    this.completion = computed(() => deferred.value && new deferred.value.Completion(room, timeline));
    this.text = signal("");
    this.problem = signal("");
    /** What was written before an edit began. */
    this.textBeforeEdit = "";
    this.lastTypingSignal = 0;
    this.tooLong = computed(() => tooLongMessage(this.text.value));
    this.canSend = computed(() => !this.tooLong.value && this.#hasContent());
  }

  #hasContent() {
    return this.text.value.trim() !== "" || this.tray.files.value.some((file) => !file.problem);
  }

  /** Loads the draft. Returns a function that saves it and closes the composer. */
  open() {
    const draft = loadDraft(this.room.id);
    this.text.value = draft.text;
    replyTo.value = draft.replyTo;
    const stops = [effect(() => this.#scheduleDraft(this.#currentDraft())), this.#followEdits()];
    const save = () => this.#saveDraft();
    addEventListener("pagehide", save);
    return () => {
      removeEventListener("pagehide", save);
      for (const stop of stops) stop();
      save();
      resetMode();
      this.tray.clear();
    };
  }

  #currentDraft() {
    return { text: editing.value ? this.textBeforeEdit : this.text.value, replyTo: replyTo.value };
  }

  #scheduleDraft(draft) {
    clearTimeout(this.#draftTimer);
    this.#draft = draft;
    this.#draftTimer = setTimeout(() => this.#saveDraft(), DRAFT_DELAY_MS);
  }

  #saveDraft() {
    clearTimeout(this.#draftTimer);
    if (me.peek()) saveDraft(this.room.id, this.#draft);
  }

  /** An edit begins with the message's text. When it ends, the text of before is back. */
  #followEdits() {
    let previous = null;
    return effect(() => {
      const message = editing.value;
      untracked(() => {
        if (message && !previous) this.textBeforeEdit = this.text.peek();
        if (message) this.#setText(message.text);
        else if (previous) this.#setText(this.textBeforeEdit);
        previous = message;
      });
    });
  }

  #setText(text) {
    this.text.value = text;
    this.problem.value = "";
    requestAnimationFrame(() => this.textarea.current?.setSelectionRange(text.length, text.length));
  }

  /** @param {HTMLTextAreaElement} textarea */
  handleInput(textarea) {
    this.text.value = textarea.value;
    this.problem.value = "";
    this.completion.value?.update(textarea);
    if (textarea.value.trim() && !editing.value) this.#signalTyping();
  }

  #signalTyping() {
    if (Date.now() - this.lastTypingSignal < TYPING_INTERVAL_MS) return;
    this.lastTypingSignal = Date.now();
    call("POST", `/room/${this.room.id}/typing`).catch(() => undefined); // a lost signal does no harm
  }

  /** @param {KeyboardEvent} event */
  handleKey(event) {
    if (event.isComposing || event.keyCode === IME_KEY_CODE) return;
    if (this.completion.value?.handleKey(event, this.textarea.current)) return;
    const action = this.#actionOf(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #actionOf({ key, shiftKey, altKey, ctrlKey, metaKey }) {
    if (key === "Enter" && !shiftKey && !altKey) return () => this.send();
    if (key === "Escape" && (editing.value || replyTo.value)) return () => this.cancelMode();
    const hasModifier = [shiftKey, altKey, ctrlKey, metaKey].some(Boolean);
    return key === "ArrowUp" && !hasModifier ? this.#editLastAction() : undefined;
  }

  /** Edits the user's last message if nothing is being written. */
  #editLastAction() {
    const message = this.text.value || editing.value ? undefined : this.#lastOwnMessage();
    return message && (() => startEdit(message));
  }

  #lastOwnMessage() {
    return this.timeline.messages.peek().findLast((each) => each.sender?.id === myId.value && !each.deleted_at);
  }

  handlePaste(event) {
    const { files } = event.clipboardData;
    if (!files.length || editing.value || hasOtherText(event.clipboardData.getData("text/plain"), files)) return;
    event.preventDefault();
    this.tray.add(files);
  }

  /** @param {string} emoji */
  insertEmoji(emoji) {
    const textarea = this.textarea.current;
    textarea.focus();
    textarea.setRangeText(emoji, textarea.selectionStart, textarea.selectionEnd, "end");
    this.handleInput(textarea);
  }

  /** Ends a reply or an edit without sending. */
  cancelMode() {
    resetMode();
    this.textarea.current.focus();
  }

  send() {
    if (editing.value) return this.#saveEdit(editing.value);
    if (!this.canSend.value) return undefined;
    const text = this.text.value.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
    const options = { replyTo: replyTo.value, files: this.tray.take() };
    this.#setText("");
    resetMode();
    this.completion.value?.close();
    this.lastTypingSignal = 0; // a user who writes on is typing again
    this.#saveDraft();
    this.textarea.current.focus();
    return this.timeline.send(text, options);
  }

  async #saveEdit(message) {
    const text = this.text.value.trim();
    if (this.tooLong.value) return;
    if (!text && !message.file) {
      openDialog("deleteMessage", { message, timeline: this.timeline });
      return;
    }
    try {
      if (text !== message.text) await this.timeline.edit(message.id, text);
      resetMode();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.value = problemMessage(problem);
    }
  }
}

/**
 * Whether pasted text is more than the names of the pasted files. A spreadsheet adds a picture to its text, and the
 * text is meant; a file manager adds the names of its files.
 */
function hasOtherText(text, files) {
  const names = new Set(Array.from(files, ({ name }) => name));
  return text.split(/[\r\n]+/).some((line) => line.trim() && !names.has(line.trim().replace(/^.*\//, "")));
}

/** Says by how much a text is too long, "" if it is not. */
function tooLongMessage(text) {
  if (text.length * 3 <= TEXT_BYTES) return "";
  const excess = new TextEncoder().encode(text.trimEnd()).length - TEXT_BYTES;
  if (excess <= 0) return "";
  const [over, most] = [excess, TEXT_BYTES].map((bytes) => bytes.toLocaleString());
  return `This is too long by ${over} of ${most} bytes. Send it in parts, or as a file.`;
}
