// The messages of the open room. timeline_scroll.js handles scrolling.

import { html, useEffect, useLayoutEffect, useMemo, useRef } from "../../../vendor/ui.js";
import { navigate } from "../../core/router.js";
import { linkedMessageId, myId } from "../../core/store.js";
import { timelineOf } from "../../core/timeline.js";
import { Icon } from "../common/icon.js";
import { problemMessage } from "../common/problem_messages.js";
import { Chunks } from "./chunks.js";
import { LiveRegion } from "./live_region.js";
import {
  activeKey, onFocusIn, onFocusOut, onNavigationKey, onPointerLeave, onPointerOver, onTap,
} from "./message_navigation.js";
import { Beginning, MessageRows } from "./rows.js";
import { TimelineScroll } from "./timeline_scroll.js";

/** @import {Room} from "../../core/store.js" */

/**
 * Passes on what the timeline shows of the room, so that the room's counts, which change with every message, do not
 * draw it again.
 * @param {{room: Room}} props
 */
export function TimelineView({ room: { id, kind, name, owner } }) {
  return html`<${Log} id=${id} kind=${kind} name=${name} isRoomOwner=${owner?.id === myId.value} />`;
}

function Log({ id, kind, name, isRoomOwner }) {
  const scroll = useMemo(() => new TimelineScroll(timelineOf(id)), [id]);
  const { timeline } = scroll;
  const box = useRef(null);
  const rows = useRef(null);
  useScroll(scroll, box, rows);
  void timeline.firstNewId.value; // drawn by a chunk, but scrolled to from here
  const content = useRows({ id, kind, name, isRoomOwner, timeline });
  const isLoading = timeline.loading.value;
  const label = `Messages in ${name}`;
  return html`<div class="timeline-view">
    <div class="log" role="log" aria-label=${label} aria-live="off" aria-busy=${isLoading} tabindex="0" ref=${box}
      ...${handlersOf(scroll)}>
      <div class="rows" ref=${rows}>${content}</div>
    </div>
    <${LoadProblem} timeline=${timeline} />
    <${JumpButton} scroll=${scroll} />
    <${LiveRegion} timeline=${timeline} />
  </div>`;
}

function useScroll(scroll, box, rows) {
  scroll.position?.remember(); // the document is still as it was
  useLayoutEffect(() => scroll.mount(box.current, rows.current), [scroll]);
  useLayoutEffect(() => scroll.afterRender());
  useEffect(() => () => void (activeKey.value = null), [scroll]);
  useLayoutEffect(() => void scroll.open(), [scroll]);
  const linked = linkedMessageId.value;
  useEffect(() => void (linked && scroll.isOpen && scroll.goTo(linked)), [linked]);
}

function useRows({ id, kind, name, isRoomOwner, timeline }) {
  const divider = useMemo(() => new Chunks(), [id]);
  const chunks = divider.divide(timeline.items.value);
  if (!timeline.version) return null;
  const rows = chunks.map(({ number, messages, before }) =>
    html`<${MessageRows} key=${number} ...${{ messages, before, isRoomOwner, timeline }} />`);
  return html`<${Beginning} kind=${kind} name=${name} hasOlder=${timeline.hasOlder.value} />${rows}`;
}

function handlersOf(scroll) {
  const onKeyDown = (event) => handleKey(event, scroll);
  const onClick = (event) => followLink(event, scroll);
  return { onKeyDown, onPointerOver, onPointerLeave, onFocusIn, onFocusOut, onClick };
}

/** The End key goes to the end of the history, wherever the reader is, and whatever is loading. */
function handleKey(event, scroll) {
  const hasModifier = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (event.key !== "End" || hasModifier) return onNavigationKey(event);
  event.preventDefault();
  return scroll.goToNewest();
}

/** Links into the page, and quotes, are followed without loading the page again. */
function followLink(event, scroll) {
  onTap(event);
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[data-own], [data-goes]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.goes) scroll.goTo(Number(link.dataset.goes));
  else if (link.pathname === location.pathname && linkedMessageId.value) scroll.goTo(linkedMessageId.value);
  else navigate(link.pathname);
}

/** Why there are no messages, or no more of them. */
function LoadProblem({ timeline }) {
  const problem = timeline.problem.value;
  if (!problem) return null;
  return html`<p class="load-problem" role="alert">
    ${problem.status ? problemMessage(problem) : "The messages could not be loaded."}
    <button type="button" class="small" onClick=${() => timeline.retryLoading()}>Try again</button>
  </p>`;
}

function JumpButton({ scroll }) {
  const { timeline, atEnd } = scroll;
  if (atEnd.value && timeline.atNewest.value) return null;
  if (!timeline.messages.value.length) return null;
  const count = timeline.newBelow.value;
  const label = count ? `Jump to the newest, ${count} new` : "Jump to the newest";
  const classes = count ? "jump primary" : "jump";
  const onClick = () => scroll.goToNewest();
  return html`<button type="button" class=${classes} aria-label=${label} title=${label} onClick=${onClick}>
    ${count > 0 && html`<span>${count} new</span>`}<${Icon} name="down" />
  </button>`;
}
