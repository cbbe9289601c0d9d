/** Finds text in all that one may read, or in one room; a result leads to its message. */
import { html, useEffect, useRef, useSignal } from "../../vendor/ui.js";
import { Problem, call } from "../core/api.js";
import { rooms } from "../core/store.js";
import { Avatar } from "./avatar.js";
import { dayAndTime } from "./clock.js";
import { Dialog } from "./dialogs/dialog.js";
import { closeDialog } from "./dialogs/open.js";
import { sentence } from "./sentences.js";
import { follow } from "./sidebar.js";

const PAUSE_MS = 200;
const NOTHING = { results: [], more: false };

/** @param {{room?: object}} props the room that is open, to look in it alone */
export function Search({ room }) {
  const sought = useSignal("");
  const inRoom = useSignal(false);
  const found = useSignal(null);
  const problem = useSignal(null);
  const list = useRef(null);
  const asking = useRef(null);
  const query = sought.value.trim();
  const within = inRoom.value ? room.id : null;
  useSought(query, within, found, problem);
  return html`<${Dialog} title="Search" className="top search">
    <div onKeyDown=${(event) => move(event, list.current)}>
      <input type="search" aria-label="Search messages" placeholder="Search messages" autofocus autocomplete="off" enterkeyhint="search"
        onInput=${(event) => (sought.value = event.target.value)} />
      ${room && html`<label class="check"><input type="checkbox" checked=${inRoom.value} onChange=${() => (inRoom.value = !inRoom.value)} /> Only in ${room.name}</label>`}
      <p class="hint" role="status">${problem.value ? sentence(problem.value) : count(query, found.value)}</p>
      <ol ref=${list} class="results">${(found.value ?? NOTHING).results.map((one) => html`<${Result} key=${one.message.id} result=${one} />`)}</ol>
      ${found.value?.more && html`<button type="button" onClick=${() => lookFurther(found, problem, asking)}>Show more</button>`}
    </div>
  </${Dialog}>`;
}

function count(query, found) {
  if (!query || !found) return "Words, or the beginning of the last one.";
  if (!found.results.length) return "Nothing found.";
  return `${found.results.length}${found.more ? " or more" : ""} found`;
}

/** Asks when the typing pauses; an answer that comes late is not taken. */
function useSought(query, within, found, problem) {
  useEffect(() => {
    if (!query) {
      found.value = problem.value = null;
      return undefined;
    }
    const gone = new AbortController();
    const timer = setTimeout(() => look(query, within, gone.signal, found, problem), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [query, within]);
}

async function look(query, within, signal, found, problem) {
  try {
    found.value = { ...(await ask(query, within, null, signal)), query, within };
    problem.value = null;
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
    else if (error.name !== "AbortError") throw error;
  }
}

/** More of what is shown, whatever has been typed since; once for each list, and nothing for one that is not shown any more. */
async function lookFurther(found, problem, asking) {
  const list = found.value;
  if (asking.current === list) return;
  asking.current = list;
  try {
    const page = await ask(list.query, list.within, list.results.at(-1).message.id);
    if (found.value !== list) return;
    found.value = { ...list, results: [...list.results, ...page.results], more: page.more };
    problem.value = null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (found.value === list) problem.value = error;
    if (asking.current === list) asking.current = null;
  }
}

function ask(query, within, before, signal) {
  const asked = new URLSearchParams({ q: query, ...(within && { room: within }), ...(before && { before }) });
  return call("GET", `/search?${asked}`, undefined, { signal });
}

function Result({ result: { message, snippet, marks } }) {
  const { id, room, sender, created_at: at } = message;
  const place = room.kind === "direct" ? rooms.value.get(room.id)?.name ?? "conversation" : room.name;
  const open = (event) => {
    follow(event, room.id, id);
    if (event.defaultPrevented) closeDialog();
  };
  return html`<li><a href="/r/${room.id}/${id}" onClick=${open}>
    ${sender && html`<${Avatar} user=${sender} size="s" />`}
    <span class="said"><b>${sender?.name ?? "Announcement"}</b> <small>${place} · ${dayAndTime(at)}</small><br />${marked(snippet, marks)}</span>
  </a></li>`;
}

/** Marks are places in characters, of which some take two units of a string. */
export function marked(snippet, marks) {
  const characters = Array.from(snippet);
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(characters.slice(at, start).join(""), html`<mark>${characters.slice(start, end).join("")}</mark>`);
    at = end;
  }
  return [...parts, characters.slice(at).join("")];
}

/** Arrows go from the field through the results. */
function move(event, list) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  event.preventDefault();
  const stops = [list.parentElement.querySelector("input"), ...list.querySelectorAll("a")];
  stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + way))].focus();
}
