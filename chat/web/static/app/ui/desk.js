/** The state of the composer of one room: the text, the draft that is kept of it, the files, and what the keys do. */
import { computed, effect, signal, untracked } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { draftOf, keepDraft } from "../core/drafts.js";
import { me } from "../core/store.js";
import { Tray } from "./attachments.js";
import { openDialog } from "./dialogs/open.js";
import { later } from "./later.js";
import { sentence } from "./sentences.js";
import { edit, editing, replyTo, stopWriting } from "./writing.js";

const TEXT_BYTES = 16 * 1024; // as the service has it
const TYPING_MS = 3000; // between two words of typing
const DRAFT_MS = 300;

export class Desk {
  constructor(room, timeline) {
    Object.assign(this, { room, timeline, tray: new Tray(), textarea: null });
    /** What is offered for a word; null until that has come. */
    this.completion = computed(() => later.value && new later.value.Completion(room, timeline));
    this.text = signal("");
    this.problem = signal("");
    /** What was written before an edit began. */
    this.aside = "";
    this.told = 0;
    this.tooLong = computed(() => excess(this.text.value));
    this.ready = computed(() => !this.tooLong.value && (this.text.value.trim() !== "" || this.tray.files.value.some((file) => !file.wrong)));
  }

  /** Takes up the draft; answers how to leave. */
  open() {
    const draft = draftOf(this.room.id);
    this.text.value = draft.text;
    replyTo.value = draft.replyTo;
    const ends = [effect(() => this.#keep(this.#draft())), this.#takingUpEdits()];
    const now = () => this.#keepNow();
    addEventListener("pagehide", now);
    return () => {
      removeEventListener("pagehide", now);
      for (const end of ends) end();
      now();
      stopWriting();
      this.tray.clear();
    };
  }

  #draft() {
    return { text: editing.value ? this.aside : this.text.value, replyTo: replyTo.value };
  }

  #keep(draft) {
    clearTimeout(this.keeping);
    this.draft = draft;
    this.keeping = setTimeout(() => this.#keepNow(), DRAFT_MS);
  }

  #keepNow() {
    clearTimeout(this.keeping);
    if (me.peek()) keepDraft(this.room.id, this.draft);
  }

  /** Whoever begins to edit finds the message's text, and afterwards what was written before. */
  #takingUpEdits() {
    let before = null;
    return effect(() => {
      const now = editing.value;
      untracked(() => {
        if (now && !before) this.aside = this.text.peek();
        if (now) this.#set(now.text);
        else if (before) this.#set(this.aside);
        before = now;
      });
    });
  }

  #set(text) {
    this.text.value = text;
    this.problem.value = "";
    requestAnimationFrame(() => this.textarea?.current?.setSelectionRange(text.length, text.length));
  }

  typed(textarea) {
    this.text.value = textarea.value;
    this.problem.value = "";
    this.completion.value?.look(textarea);
    if (textarea.value.trim() && !editing.value) this.#tellTyping();
  }

  #tellTyping() {
    if (Date.now() - this.told < TYPING_MS) return;
    this.told = Date.now();
    call("POST", `/room/${this.room.id}/typing`).catch(() => undefined); // said or not: nobody waits for it
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method's own keys
    if (this.completion.value?.key(event, event.target)) return;
    const act = this.#meant(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #meant({ key, shiftKey, altKey, ctrlKey, metaKey }) {
    if (key === "Enter" && !shiftKey && !altKey) return () => this.send();
    if (key === "Escape" && (editing.value || replyTo.value)) return () => this.stop();
    const plain = !shiftKey && !altKey && !ctrlKey && !metaKey;
    if (key === "ArrowUp" && plain && !this.text.value && !editing.value) return this.#lastOwn() && (() => edit(this.#lastOwn()));
    return undefined;
  }

  #lastOwn() {
    return this.timeline.seen.peek().findLast((message) => message.sender?.id === me.value.id && !message.deleted_at);
  }

  paste(event) {
    const { files } = event.clipboardData;
    if (!files.length || editing.value || saysMore(event.clipboardData.getData("text/plain"), files)) return;
    event.preventDefault();
    this.tray.add(files);
  }

  insert(emoji) {
    const textarea = this.textarea.current;
    textarea.focus();
    textarea.setRangeText(emoji, textarea.selectionStart, textarea.selectionEnd, "end");
    this.typed(textarea);
  }

  stop() {
    stopWriting();
    this.textarea.current.focus();
  }

  send() {
    if (editing.value) return this.#save(editing.value);
    if (!this.ready.value) return undefined;
    const text = this.text.value.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
    const more = { replyTo: replyTo.value, files: this.tray.take() };
    this.#set("");
    stopWriting();
    this.completion.value?.close();
    this.told = 0; // whoever goes on writing is typing again
    this.#keepNow();
    this.textarea.current.focus();
    return this.timeline.send(text, more);
  }

  async #save(message) {
    const text = this.text.value.trim();
    if (this.tooLong.value) return;
    if (!text && !message.file) return openDialog("remove", { message, timeline: this.timeline });
    try {
      if (text !== message.text) await this.timeline.edit(message.id, text);
      stopWriting();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem.value = sentence(problem);
    }
  }
}

/** A spreadsheet gives a picture beside its text, which is what is meant; a file manager gives no more than the names of the files. */
function saysMore(text, files) {
  const names = new Set(Array.from(files, ({ name }) => name));
  return text.split(/[\r\n]+/).some((line) => line.trim() && !names.has(line.trim().replace(/^.*\//, "")));
}

/** By how much a text is too long, in words; "" if it is not. */
function excess(text) {
  if (text.length * 3 <= TEXT_BYTES) return "";
  const bytes = new TextEncoder().encode(text.trimEnd()).length;
  return bytes > TEXT_BYTES ? `This is too long by ${(bytes - TEXT_BYTES).toLocaleString()} of ${TEXT_BYTES.toLocaleString()} bytes. Send it in parts, or as a file.` : "";
}
