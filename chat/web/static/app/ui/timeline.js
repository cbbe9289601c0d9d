/** The messages of the room that is open: as far up as its history goes, and live at its end. */
import { html, useEffect, useLayoutEffect, useMemo, useRef } from "../../vendor/ui.js";
import { go } from "../core/route.js";
import { me, messageId } from "../core/store.js";
import { timelineOf } from "../core/timeline.js";
import { Heard } from "./heard.js";
import { Icon } from "./icon.js";
import { Beginning, Stretch } from "./rows.js";
import { sentence } from "./sentences.js";
import { active, onFocusIn, onFocusOut, onLogKey, onPointerLeave, onPointerOver, onTap } from "./stepping.js";
import { Stretches } from "./stretches.js";
import { View } from "./view.js";

/** Drawn anew for what is shown of the room, and not for each count that changes with every message. */
export function Timeline({ room: { id, kind, name, owner } }) {
  const owned = owner?.id === me.value.id;
  return html`<${Log} id=${id} kind=${kind} name=${name} owned=${owned} />`;
}

function Log({ id, kind, name, owned }) {
  const view = useMemo(() => new View(timelineOf(id)), [id]);
  const stretches = useMemo(() => new Stretches(), [id]);
  const { timeline } = view;
  const box = useRef(null);
  const rows = useRef(null);
  view.scroll?.remember(); // the document is still as it was
  useLayoutEffect(() => view.mount(box.current, rows.current), [view]);
  useLayoutEffect(() => view.settle());
  useEffect(() => () => void (active.value = null), [id]);
  useLayoutEffect(() => void view.begin(), [view]);
  useEffect(() => void (messageId.value && view.begun && view.reveal(messageId.value)), [messageId.value]);
  const drawn = stretches.cut(timeline.items.value);
  timeline.newFrom.value; // its line is drawn by a stretch, and scrolled to from here
  const handlers = { onKeyDown: (event) => onKey(event, view), onPointerOver, onPointerLeave, onFocusIn, onFocusOut, onClick: (event) => onClick(event, view) };
  return html`<div class="timeline">
    <div class="log" role="log" aria-label="Messages in ${name}" aria-live="off" aria-busy=${timeline.loading.value} tabindex="0" ref=${box} ...${handlers}>
      <div class="rows" ref=${rows}>${timeline.version > 0 && html`
        <${Beginning} kind=${kind} name=${name} hasOlder=${timeline.hasOlder.value} />
        ${drawn.map(({ number, messages, before }) => html`<${Stretch} key=${number} messages=${messages} before=${before} owned=${owned} timeline=${timeline} />`)}
      `}</div>
    </div>
    <${Trouble} timeline=${timeline} />
    <${Jump} view=${view} />
    <${Heard} timeline=${timeline} />
  </div>`;
}

/** The end is that of the history, wherever in it one is, and whatever is being loaded. */
function onKey(event, view) {
  if (event.key !== "End" || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return onLogKey(event);
  event.preventDefault();
  return view.toNewest();
}

/** Links into this very page, and quotes, are followed in it. */
function onClick(event, view) {
  onTap(event);
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[data-own], [data-goes]");
  if (!link) return;
  event.preventDefault();
  if (link.dataset.goes) view.reveal(Number(link.dataset.goes));
  else if (link.pathname === location.pathname && messageId.value) view.reveal(messageId.value);
  else go(link.pathname);
}

/** Why there is nothing, or no more, to see. */
function Trouble({ timeline }) {
  const problem = timeline.problem.value;
  if (!problem) return null;
  return html`<p class="trouble" role="alert">
    ${problem.status ? sentence(problem) : "The messages could not be loaded."}
    <button type="button" class="small" onClick=${() => timeline.again()}>Try again</button>
  </p>`;
}

function Jump({ view }) {
  const { timeline, atEnd } = view;
  if (atEnd.value && timeline.atNewest.value) return null;
  if (!timeline.seen.value.length) return null;
  const fresh = timeline.below.value;
  const name = fresh ? `Jump to the newest, ${fresh} new` : "Jump to the newest";
  return html`<button type="button" class=${fresh ? "jump primary" : "jump"} aria-label=${name} title=${name} onClick=${() => view.toNewest()}>
    ${fresh > 0 && html`<span>${fresh} new</span>`}<${Icon} name="down" />
  </button>`;
}
