// The composer: a new message, a reply or an edit, with files, completion and emoji. Its behaviour is in
// composer_controller.js.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useSignal } from "../../../vendor/ui.js";
import { timelineOf } from "../../core/timeline.js";
import { plain } from "../../text/format.js";
import { dialog } from "../common/dialog_state.js";
import { Icon } from "../common/icon.js";
import { Deferred } from "../common/load_deferred.js";
import { TrayView } from "./attachment_tray.js";
import { ComposerController } from "./composer_controller.js";
import { editing, replyTo } from "./composer_mode.js";
import { emojiPicker, toggleEmojiPicker } from "./emoji_picker_state.js";

/** @import {Room} from "../../core/store.js" */

const HAS_MOUSE = matchMedia("(pointer: fine)");

/**
 * Passes on what the form shows of the room, so that other changes of the room do not draw it again.
 * @param {{room: Room}} props
 */
export function Composer({ room: { id, name, user } }) {
  return html`<${ComposerForm} id=${id} name=${name} user=${user} />`;
}

function ComposerForm({ id, name, user }) {
  const controller = useMemo(() => new ComposerController({ id, name, user }, timelineOf(id)), [id]);
  const textarea = useRef(/** @type {any} */ (null));
  const isDragging = useSignal(false);
  controller.textarea = textarea;
  useEffect(() => controller.open(), [controller]);
  useEffect(() => focusInitially(textarea.current), [controller]);
  useEffect(() => acceptDrops(controller, isDragging), [controller]);
  useLayoutEffect(() => fitHeight(textarea.current), [controller.text.value]);
  const completion = controller.completion.value;
  const classes = isDragging.value ? "composer over" : "composer";
  return html`<form class=${classes} onSubmit=${(event) => submit(event, controller)}>
    <${ModeBar} controller=${controller} />
    <${TrayView} tray=${controller.tray} />
    ${completion && html`<${Deferred} part="CompletionList" completion=${completion} textarea=${textarea} />`}
    <div class="sheet">
      <${AttachButton} tray=${controller.tray} />
      ${textField(controller, textarea, name)}
      <${EmojiButton} onPick=${(emoji) => controller.insertEmoji(emoji)} />
      <${SendButton} canSend=${controller.canSend.value} />
    </div>
    <p class="error" role="alert">${controller.tooLong.value || controller.problem.value}</p>
    ${isDragging.value && html`<p class="drop">Drop files to attach them</p>`}
    ${emojiPicker.value && html`<${Deferred} part="EmojiPicker" key=${emojiPicker.value} ...${emojiPicker.value} />`}
  </form>`;
}

function focusInitially(textarea) {
  if (HAS_MOUSE.matches && !document.querySelector("dialog[open]")) textarea.focus({ preventScroll: true });
}

/** Not a component: the layout effects of the form need the element. */
function textField(controller, ref, name) {
  const { text, completion } = controller;
  const open = completion.value?.open.value;
  const handlers = {
    onInput: (event) => controller.handleInput(event.target),
    onKeyDown: (event) => controller.handleKey(event),
    onPaste: (event) => controller.handlePaste(event),
    onClick: (event) => completion.value?.update(event.target),
    onBlur: () => completion.value?.close(),
  };
  return html`<textarea ref=${ref} rows="1" aria-label="Message" placeholder="Message ${name}" dir="auto"
    enterkeyhint="send" autocomplete="off" aria-autocomplete="list" aria-controls=${open?.list}
    aria-activedescendant=${open?.option} value=${text.value} ...${handlers} />`;
}

function submit(event, controller) {
  event.preventDefault();
  controller.send();
}

function EmojiButton({ onPick }) {
  const label = "Insert an emoji";
  const onClick = (event) => toggleEmojiPicker(event.currentTarget, onPick);
  return html`<button type="button" class="quiet-button" aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name="smile" />
  </button>`;
}

function SendButton({ canSend }) {
  const label = editing.value ? "Save" : "Send";
  const classes = canSend ? "primary" : "quiet-button";
  return html`<button class=${classes} aria-label=${label} title=${label} aria-disabled=${!canSend}>
    <${Icon} name=${editing.value ? "check" : "send"} />
  </button>`;
}

/** The message that is replied to or edited, and the way out. */
function ModeBar({ controller }) {
  const message = editing.value ?? replyTo.value;
  if (!message) return null;
  const isEdit = Boolean(editing.value);
  const label = isEdit ? "Stop editing" : "Do not reply";
  return html`<div class="mode-bar">
    <${Icon} name=${isEdit ? "write" : "reply"} />
    <span class="target">${isEdit ? "Editing your message" : replyTarget(message)}</span>
    <button type="button" class="quiet-button" aria-label=${label} onClick=${() => controller.cancelMode()}>
      <${Icon} name="close" />
    </button>
  </div>`;
}

function replyTarget({ sender, text }) {
  return html`Replying to <b><bdi>${sender?.name ?? "Announcement"}</bdi></b> <bdi class="quoted">${plain(text)}</bdi>`;
}

function AttachButton({ tray }) {
  const input = useRef(/** @type {any} */ (null));
  const onChange = ({ target }) => {
    tray.add(target.files);
    target.value = ""; // the same file may be chosen again
  };
  const label = "Attach files";
  const onClick = () => input.current.click();
  return html`<button type="button" class="quiet-button" aria-label=${label} title=${label} onClick=${onClick}>
      <${Icon} name="clip" />
    </button>
    <input ref=${input} type="file" multiple hidden aria-label="Files" onChange=${onChange} />`;
}

/** Makes the textarea as high as its text, within what the style allows. */
function fitHeight(textarea) {
  if (CSS.supports("field-sizing", "content")) return;
  textarea.style.height = "auto";
  textarea.style.height = `${textarea.scrollHeight + 2}px`;
}

/**
 * Files may be dropped anywhere in the room, except during an edit or above a dialog. app.js keeps the browser from
 * opening them.
 */
function acceptDrops(controller, isDragging) {
  const isAccepted = (event) => event.dataTransfer?.types.includes("Files") && !editing.value && !dialog.value;
  const listeners = {
    dragover: (event) => {
      if (!isAccepted(event)) return;
      event.dataTransfer.dropEffect = "copy";
      isDragging.value = true;
    },
    dragleave: (event) => !event.relatedTarget && (isDragging.value = false),
    drop: (event) => {
      isDragging.value = false;
      if (isAccepted(event)) controller.tray.add(event.dataTransfer.files);
    },
  };
  for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener);
  return () => {
    for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener);
  };
}
