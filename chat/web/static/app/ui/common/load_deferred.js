// Loads what the page does not need for its first paint (app/deferred_parts.js): when the page is ready, or when a part
// is used.

import { html, signal, useEffect } from "../../../vendor/ui.js";

const RETRY_MS = 3000;

/** The exports of deferred_parts.js, null until it is loaded. @type {import("../../../vendor/ui.js").Signal<any>} */
export const deferred = signal(null);
/** @type {Promise<void>|null} */
let loading = null;

/** Resolves when the module is loaded, or has failed to load. After a failure the next call tries again. */
export function loadDeferred() {
  loading ??= import("../../deferred_parts.js").then(
    (module) => void (deferred.value = module),
    () => void (loading = null),
  );
  return loading;
}

/** One of its components, as soon as it is loaded. @param {{part: string} & Record<string, any>} props */
export function Deferred({ part, ...props }) {
  const Part = deferred.value?.[part];
  useEffect(() => (Part ? undefined : loadWithRetries()), [Part]);
  return Part ? html`<${Part} ...${props} />` : null;
}

/** Returns a function that stops the attempts. */
function loadWithRetries() {
  let timer;
  let isStopped = false;
  const attempt = async () => {
    await loadDeferred();
    if (!deferred.peek() && !isStopped) timer = setTimeout(attempt, RETRY_MS);
  };
  attempt();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
