/** How events reach this page: a quiet word in the sidebar, and a banner with a countdown while the connection is away. */
import { effect, html, signal, useEffect, useSignal } from "../../vendor/ui.js";
import { link, me } from "../core/store.js";
import { retryNow } from "../live/stream.js";
import { useNow } from "./clock.js";

const PATIENCE_MS = 1500; // a connection that is away for less is not worth a word
const TRANSPORTS = { sse: "Live · SSE", "long-poll": "Live · long poll" };
const EXPLAINED = { sse: "Server-Sent Events", "long-poll": "Long polling: something between here and the service holds a stream back" };

/** Since when the connection is away, through all attempts to make it anew; null: it is not. */
const lostAt = signal(null);

effect(() => {
  const { state } = link.value;
  if (state === "live" || !me.value) lostAt.value = null;
  else if (state !== "connecting") lostAt.value = lostAt.peek() ?? Date.now();
});

export function Banner() {
  const shown = useSignal(false);
  const since = lostAt.value;
  useEffect(() => {
    const timer = setTimeout(() => (shown.value = since !== null), since === null ? 0 : since + PATIENCE_MS - Date.now());
    return () => clearTimeout(timer);
  }, [since]);
  return html`<div class="banner" role="status">${shown.value && since !== null ? html`<${Away} />` : ""}</div>`;
}

function Away() {
  const { retryAt } = link.value;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - useNow(500)) / 1000));
  // The countdown is for the eye: a screen reader is told once that the connection is away.
  return html`<p>
    The connection is away. What you missed will come.
    <span aria-hidden="true"> ${retryAt && seconds ? `Trying again in ${seconds} s.` : "Trying again…"}</span>
    <button type="button" class="link" onClick=${retryNow}>Try now</button>
  </p>`;
}

/** Which way it goes just now. */
export function Transport() {
  const { state, transport } = link.value;
  const live = state === "live";
  const word = live ? TRANSPORTS[transport] ?? "Live" : state === "connecting" ? "Connecting…" : "Away";
  return html`<span class="transport" title=${live ? EXPLAINED[transport] : undefined}>
    <i class=${live ? "dot here" : "dot"} aria-hidden="true" />${word}
  </span>`;
}
