// Searches all messages that the user may read, or those of one room. A result leads to its message.

import { html, useEffect, useRef, useSignal } from "../../../vendor/ui.js";
import { Problem, call } from "../../core/api.js";
import { rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog } from "../common/dialog_state.js";
import { problemMessage } from "../common/problem_messages.js";
import { followRoomLink } from "../common/room_link.js";
import { formatDateTime } from "../common/time.js";
import { Avatar } from "../people/avatar.js";

const TYPING_PAUSE_MS = 200;

/** @import {Signal} from "../../../vendor/ui.js" */
/** @import {Room} from "../../core/store.js" */
/** @typedef {{results: any[], more: boolean, query: string, roomId: number|null}} Results */

/** @param {{room?: Room}} props room: the open room, to which the search can be limited */
export function SearchDialog({ room }) {
  const text = useSignal("");
  const isRoomOnly = useSignal(false);
  const list = useRef(null);
  const query = text.value.trim();
  const { found, problem, showMore } = useSearch(query, isRoomOnly.value && room ? room.id : null);
  const onInput = (event) => (text.value = event.target.value);
  const label = "Search messages";
  const field = { "aria-label": label, "placeholder": label, "enterkeyhint": "search", onInput };
  const onKeyDown = (event) => moveFocus(event, list.current);
  return html`<${Dialog} title="Search" className="top search-dialog">
    <div onKeyDown=${onKeyDown}>
      <input type="search" autofocus autocomplete="off" ...${field} />
      ${room && html`<${RoomOnly} room=${room} checked=${isRoomOnly} />`}
      <p class="hint" role="status">${problem ? problemMessage(problem) : summary(query, found)}</p>
      <ol ref=${list} class="results">
        ${found?.results.map((one) => html`<${Result} key=${one.message.id} result=${one} />`)}
      </ol>
      ${found?.more && html`<button type="button" onClick=${showMore}>Show more</button>`}
    </div>
  </${Dialog}>`;
}

function RoomOnly({ room, checked }) {
  const toggle = () => (checked.value = !checked.value);
  return html`<label class="check">
    <input type="checkbox" checked=${checked.value} onChange=${toggle} />${" "}
    Only in ${room.name}
  </label>`;
}

function summary(query, found) {
  if (!query || !found) return "Words, or the beginning of the last one.";
  if (!found.results.length) return "Nothing found.";
  return `${found.results.length}${found.more ? " or more" : ""} found`;
}

/** Searches when the user pauses typing. A late response is ignored. */
function useSearch(query, roomId) {
  /** @type {Signal<Results|null>} */
  const found = useSignal(/** @type {any} */ (null));
  /** @type {Signal<Problem|null>} */
  const problem = useSignal(/** @type {any} */ (null));
  const extending = useRef(/** @type {Results|null} */ (null));
  useEffect(() => {
    if (!query) {
      found.value = problem.value = null;
      return undefined;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => search(query, roomId, controller.signal, found, problem), TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, roomId]);
  const showMore = () => extend(found, problem, extending);
  return { found: found.value, problem: problem.value, showMore };
}

async function search(query, roomId, signal, found, problem) {
  try {
    found.value = { ...(await fetchResults({ query, roomId }, null, signal)), query, roomId };
    problem.value = null;
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
    else if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
  }
}

/**
 * More results of the list that is shown, whatever was typed since. Once for each list, and ignored if another list is
 * shown by then.
 */
async function extend(found, problem, extending) {
  const list = found.value;
  if (extending.current === list) return;
  extending.current = list;
  try {
    const page = await fetchResults(list, list.results.at(-1).message.id);
    if (found.value !== list) return;
    found.value = { ...list, results: [...list.results, ...page.results], more: page.more };
    problem.value = null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (found.value === list) problem.value = error;
    if (extending.current === list) extending.current = null;
  }
}

function fetchResults({ query, roomId }, before, signal) {
  const parameters = new URLSearchParams({ q: query, ...(roomId && { room: roomId }), ...(before && { before }) });
  return call("GET", `/search?${parameters}`, undefined, { signal });
}

function Result({ result: { message, snippet, marks } }) {
  const { id, room, sender, created_at } = message;
  const place = room.kind === "direct" ? (rooms.value.get(room.id)?.name ?? "conversation") : room.name;
  const open = (event) => {
    followRoomLink(event, room.id, id);
    if (event.defaultPrevented) closeDialog();
  };
  const name = sender?.name ?? "Announcement";
  return html`<li><a href="/r/${room.id}/${id}" onClick=${open}>
    ${sender && html`<${Avatar} user=${sender} size="s" />`}
    <span class="snippet">
      <b>${name}</b> <small>${place} · ${formatDateTime(created_at)}</small><br />${highlight(snippet, marks)}
    </span>
  </a></li>`;
}

/** The marks count characters, of which some are two units of a string. */
function highlight(snippet, marks) {
  const characters = Array.from(snippet);
  const textOf = (start, end) => characters.slice(start, end).join("");
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(textOf(at, start), html`<mark>${textOf(start, end)}</mark>`);
    at = end;
  }
  return [...parts, textOf(at)];
}

/** Arrow keys move from the field through the results. */
function moveFocus(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const targets = [list.parentElement.querySelector("input"), ...list.querySelectorAll("a")];
  const at = targets.indexOf(document.activeElement) + step;
  targets[Math.max(0, Math.min(targets.length - 1, at))].focus();
}
