// The emoji picker beside the control that opened it: a search field, and a grid that arrow keys move in.

import { html, useEffect, useLayoutEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { emojiName } from "../../text/emoji.js";
import { FREQUENT, searchEmoji } from "../../text/emoji_table.js";
import { emojiPicker } from "./emoji_picker_state.js";

const COLUMNS = 8;
const MOST = 48;
const MARGIN_PX = 8;

/** @param {{opener: HTMLElement, onPick: (emoji: string) => void}} props */
export function EmojiPicker({ opener, onPick }) {
  const box = useRef(/** @type {any} */ (null));
  const query = useSignal("");
  const close = (restoreFocus) => {
    emojiPicker.value = null;
    if (restoreFocus) focusAfter(opener);
  };
  const pick = (emoji) => {
    close(true);
    onPick(emoji);
  };
  useLayoutEffect(() => {
    place(box.current, opener);
    box.current.querySelector("input").focus({ preventScroll: true });
  }, []);
  useEffect(() => closeOnPointerOutside(box, opener, close), []);
  const emojis = matchingEmoji(query.value.trim());
  const onKeyDown = (event) => handleKey(event, box.current, close);
  const onInput = (event) => (query.value = event.target.value);
  const labels = { "aria-label": "Find an emoji", "placeholder": "Find an emoji" };
  return html`<div class="emoji-picker" role="dialog" aria-label="Pick an emoji" ref=${box} onKeyDown=${onKeyDown}>
    <input type="search" ...${labels} autocomplete="off" value=${query.value} onInput=${onInput} />
    <div class="grid">${emojis.map((each) => html`<${EmojiButton} key=${each} emoji=${each} onPick=${pick} />`)}</div>
    ${!emojis.length && html`<p class="hint">None by that name.</p>`}
  </div>`;
}

function EmojiButton({ emoji, onPick }) {
  const name = emojiName(emoji);
  return html`<button type="button" aria-label=${name} title=${name} onClick=${() => onPick(emoji)}>${emoji}</button>`;
}

function matchingEmoji(query) {
  const emojis = query ? searchEmoji(query, MOST).map(([, emoji]) => emoji) : FREQUENT;
  return [...new Set(emojis)];
}

function focusAfter(opener) {
  const target = opener.isConnected ? opener : document.querySelector(".composer textarea");
  target?.focus();
}

/** Above the opener if there is room, else below. Within the page. */
function place(box, opener) {
  const { top, bottom, right } = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const above = top - height - MARGIN_PX;
  const y = above >= MARGIN_PX ? above : Math.min(bottom + MARGIN_PX, innerHeight - height - MARGIN_PX);
  const x = Math.min(right - width, innerWidth - width - MARGIN_PX);
  Object.assign(box.style, { top: `${Math.max(MARGIN_PX, y)}px`, left: `${Math.max(MARGIN_PX, x)}px` });
}

function closeOnPointerOutside(box, opener, close) {
  const onDown = ({ target }) => !box.current?.contains(target) && !opener.contains(target) && close(false);
  addEventListener("pointerdown", onDown);
  return () => removeEventListener("pointerdown", onDown);
}

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

function handleKey(event, box, close) {
  if (event.isComposing) return;
  const action = actionOf(event.key, box, close);
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

function actionOf(key, box, close) {
  const buttons = [...box.querySelectorAll(".grid button")];
  const at = buttons.indexOf(document.activeElement);
  if (key === "Escape") return () => close(true);
  if (key === "Enter" && at < 0) return () => buttons[0]?.click();
  if (!STEPS[key] || (at < 0 && key !== "ArrowDown")) return undefined;
  const beyond = STEPS[key] < 0 ? box.querySelector("input") : null; // from the first row up to the field
  const next = at < 0 ? buttons[0] : (buttons[at + STEPS[key]] ?? beyond);
  return () => next?.focus();
}
