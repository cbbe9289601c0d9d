// Which message is active, by pointer or focus: it shows its actions. Arrow keys move from message to message.

import { signal } from "../../../vendor/ui.js";

/** The key of the active message. @type {import("../../../vendor/ui.js").Signal<string|null>} */
export const activeKey = signal(null);

const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };
const rowOf = (element) => element?.closest?.("[data-key]");
const keyOf = (element) => rowOf(element)?.dataset.key ?? null;
const focusedKey = () => keyOf(document.activeElement);

/**
 * A finger activates a message only by its tap: actions that appeared under the finger before its click would be
 * pressed by it.
 */
export function onPointerOver({ target, pointerType }) {
  if (pointerType === "mouse") activeKey.value = keyOf(target) ?? focusedKey();
}

/** Not a tap on an action or a quote, which may have led elsewhere by then. */
export function onTap({ target, pointerType }) {
  const key = pointerType === "mouse" ? null : keyOf(target);
  if (key && !target.closest(".message-actions, [data-goes]")) activeKey.value = key;
}

/** A lifted finger leaves the element, too; the message stays active. */
export function onPointerLeave({ pointerType }) {
  if (pointerType === "mouse") activeKey.value = focusedKey();
}

/** A press focuses the message before its click. Only focus by keyboard activates it. */
export function onFocusIn({ target }) {
  const key = keyOf(target);
  if (!key || target.matches(":focus-visible")) activeKey.value = key;
}

export function onFocusOut({ relatedTarget, currentTarget }) {
  if (!currentTarget.contains(relatedTarget)) activeKey.value = null;
}

export function onNavigationKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  if (event.key === "Escape") leave(event);
  else if (STEPS[event.key]) moveFocus(event);
}

function moveFocus(event) {
  const { target, currentTarget } = event;
  if (target !== currentTarget && !target.dataset.key) return;
  const row = target === currentTarget ? lastVisibleRow(currentTarget) : nextRow(target, STEPS[event.key]);
  if (!row) return;
  event.preventDefault();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function nextRow(row, direction) {
  let next = row[direction];
  while (next && !next.dataset.key) next = next[direction];
  return next;
}

function lastVisibleRow(box) {
  const { bottom } = box.getBoundingClientRect();
  return [...box.querySelectorAll("[data-key]")].findLast((row) => row.getBoundingClientRect().top < bottom - 8);
}

/** Back to the composer. */
function leave(event) {
  if (event.target === event.currentTarget) return;
  event.preventDefault();
  /** @type {HTMLElement|null} */ (document.querySelector(".composer textarea"))?.focus();
}
