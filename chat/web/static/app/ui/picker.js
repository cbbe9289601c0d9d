/** A small choice of emoji beside what opened it: a field to look for one, and a grid that arrow keys walk. */
import { html, useEffect, useLayoutEffect, useRef, useSignal } from "../../vendor/ui.js";
import { nameOf } from "../text/emoji.js";
import { FREQUENT, emojiLike } from "../text/emojis.js";
import { picking } from "./picking.js";

const COLUMNS = 8;
const MOST = 48;
const MARGIN_PX = 8;

/** There is one in the page. */
export function Picker({ opener, onPick }) {
  const box = useRef(null);
  const typed = useSignal("");
  const close = (focus) => {
    picking.value = null;
    if (focus) (opener.isConnected ? opener : document.querySelector(".composer textarea"))?.focus();
  };
  const pick = (emoji) => {
    close(true);
    onPick(emoji);
  };
  useLayoutEffect(() => {
    place(box.current, opener);
    box.current.querySelector("input").focus({ preventScroll: true });
  }, []);
  useEffect(() => closingBeside(box, opener, close), []);
  const found = typed.value.trim() ? emojiLike(typed.value.trim(), MOST).map(([, emoji]) => emoji) : FREQUENT;
  const offered = [...new Set(found)];
  return html`<div class="picker" role="dialog" aria-label="Pick an emoji" ref=${box} onKeyDown=${(event) => onKey(event, box.current, close)}>
    <input type="search" aria-label="Find an emoji" placeholder="Find an emoji" autocomplete="off" value=${typed.value} onInput=${(event) => (typed.value = event.target.value)} />
    <div class="grid">${offered.map((emoji) => html`<button type="button" key=${emoji} aria-label=${nameOf(emoji)} title=${nameOf(emoji)} onClick=${() => pick(emoji)}>${emoji}</button>`)}</div>
    ${!offered.length && html`<p class="hint">None by that name.</p>`}
  </div>`;
}

/** Above what opened it if there is room, else below; within the page. */
function place(box, opener) {
  const { top, bottom, right } = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const above = top - height - MARGIN_PX;
  const y = above >= MARGIN_PX ? above : Math.min(bottom + MARGIN_PX, innerHeight - height - MARGIN_PX);
  Object.assign(box.style, { top: `${Math.max(MARGIN_PX, y)}px`, left: `${Math.max(MARGIN_PX, Math.min(right - width, innerWidth - width - MARGIN_PX))}px` });
}

function closingBeside(box, opener, close) {
  const onDown = ({ target }) => !box.current?.contains(target) && !opener.contains(target) && close(false);
  addEventListener("pointerdown", onDown);
  return () => removeEventListener("pointerdown", onDown);
}

const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

function onKey(event, box, close) {
  if (event.isComposing) return;
  const buttons = [...box.querySelectorAll(".grid button")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "Escape") return taken(event, () => close(true));
  if (event.key === "Enter" && at < 0) return taken(event, () => buttons[0]?.click());
  if (!STEPS[event.key] || (at < 0 && event.key !== "ArrowDown")) return;
  const next = at < 0 ? buttons[0] : (buttons[at + STEPS[event.key]] ?? (STEPS[event.key] < 0 ? box.querySelector("input") : null));
  taken(event, () => next?.focus());
}

function taken(event, act) {
  event.preventDefault();
  event.stopPropagation();
  act();
}
