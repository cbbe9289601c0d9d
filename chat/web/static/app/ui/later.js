/** What is no part of what the page needs to stand: fetched when it does, or when it is asked for. */
import { html, signal, useEffect } from "../../vendor/ui.js";

const AGAIN_MS = 3000;

/** All of it by name (rest.js); null until it is there. */
export const later = signal(null);
let fetching = null;

/** Whether it is there, or came. What fails is tried again by the next one that asks. */
export function fetchLater() {
  fetching ??= import("../rest.js").then(
    (found) => void (later.value = found),
    () => void (fetching = null),
  );
  return fetching;
}

/** One of its components, as soon as it is there. */
export function Late({ part, ...props }) {
  const Part = later.value?.[part];
  useEffect(() => (Part ? undefined : keepFetching()), [Part]);
  return Part ? html`<${Part} ...${props} />` : null;
}

/** Answers how to stop. */
function keepFetching() {
  let timer = null;
  let over = false;
  const attempt = () => fetchLater().then(() => !later.peek() && !over && (timer = setTimeout(attempt, AGAIN_MS)));
  attempt();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
