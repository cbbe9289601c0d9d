// The state of the connection: a badge in the sidebar, and a banner with a countdown while the connection is away.

import { effect, html, signal, useEffect, useSignal } from "../../../vendor/ui.js";
import { connection, me } from "../../core/store.js";
import { retryNow } from "../../live/shared_stream.js";
import { useNow } from "./time.js";

const PATIENCE_MS = 1500; // a shorter interruption is not shown
const LABELS = { "sse": "Live · SSE", "long-poll": "Live · long poll" };
const TITLES = {
  "sse": "Server-Sent Events",
  "long-poll": "Long polling: something between here and the service holds a stream back",
};

/**
 * Since when the connection is away, through all attempts to reconnect.
 * @type {import("../../../vendor/ui.js").Signal<number|null>}
 */
const lostAt = signal(null);

effect(() => {
  const { state } = connection.value;
  if (state === "live" || !me.value) lostAt.value = null;
  else if (state !== "connecting") lostAt.value = lostAt.peek() ?? Date.now();
});

export function ConnectionBanner() {
  const isShown = useSignal(false);
  const since = lostAt.value;
  useEffect(() => {
    const delay = since === null ? 0 : since + PATIENCE_MS - Date.now();
    const timer = setTimeout(() => (isShown.value = since !== null), delay);
    return () => clearTimeout(timer);
  }, [since]);
  return html`<div class="connection-banner" role="status">
    ${isShown.value && since !== null ? html`<${ReconnectNotice} />` : ""}
  </div>`;
}

function ReconnectNotice() {
  const { retryAt } = connection.value;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - useNow(500)) / 1000));
  // The countdown is visual only: a screen reader announces once that the connection is away.
  return html`<p>
    The connection is away. What you missed will come.
    <span aria-hidden="true"> ${retryAt && seconds ? `Trying again in ${seconds} s.` : "Trying again…"}</span>
    <button type="button" class="link" onClick=${retryNow}>Try now</button>
  </p>`;
}

export function ConnectionBadge() {
  const { state, transport } = connection.value;
  const isLive = state === "live";
  return html`<span class="connection-badge" title=${isLive && transport ? TITLES[transport] : undefined}>
    <i class=${isLive ? "status-dot present" : "status-dot"} aria-hidden="true" />${badgeLabel(state, transport)}
  </span>`;
}

function badgeLabel(state, transport) {
  if (state === "live") return LABELS[transport] ?? "Live";
  return state === "connecting" ? "Connecting…" : "Away";
}
