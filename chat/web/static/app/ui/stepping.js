/** Which message is being looked at, by pointer or by focus: it shows its tools. Arrow keys step through them. */
import { signal } from "../../vendor/ui.js";

/** The key of a message, or null. */
export const active = signal(null);

const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };
const messageOf = (element) => element?.closest?.("[data-key]");

/** A finger shows the tools by its tap alone: whatever appears under it before its click is pressed by that very click. */
export function onPointerOver({ target, pointerType }) {
  if (pointerType === "mouse") active.value = messageOf(target)?.dataset.key ?? focused();
}

/** Not of a tool or a quote: by then they may have led elsewhere. */
export function onTap({ target, pointerType }) {
  if (pointerType !== "mouse" && messageOf(target) && !target.closest(".tools, [data-goes]")) active.value = messageOf(target).dataset.key;
}

/** A finger that is lifted leaves what it touched; the tools stay for it. */
export function onPointerLeave({ pointerType }) {
  if (pointerType === "mouse") active.value = focused();
}

/** A press, too, brings the focus, and before its click. */
export function onFocusIn({ target }) {
  const key = messageOf(target)?.dataset.key ?? null;
  if (!key || target.matches(":focus-visible")) active.value = key;
}

export function onFocusOut({ relatedTarget, currentTarget }) {
  if (!currentTarget.contains(relatedTarget)) active.value = null;
}

const focused = () => messageOf(document.activeElement)?.dataset.key ?? null;

export function onLogKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  if (event.key === "Escape") return leave(event);
  if (!STEPS[event.key] || !(event.target === event.currentTarget || event.target.dataset.key)) return;
  const next = event.target === event.currentTarget ? lastInView(event.currentTarget) : neighbour(event.target, STEPS[event.key]);
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function neighbour(row, way) {
  let next = row[way];
  while (next && !next.dataset.key) next = next[way];
  return next;
}

function lastInView(box) {
  const { bottom } = box.getBoundingClientRect();
  return [...box.querySelectorAll("[data-key]")].findLast((row) => row.getBoundingClientRect().top < bottom - 8);
}

/** Back to writing. */
function leave(event) {
  if (event.target === event.currentTarget) return;
  event.preventDefault();
  document.querySelector(".composer textarea")?.focus();
}
