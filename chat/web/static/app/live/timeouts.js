// Timeouts and intervals of the connection, derived from the heartbeat that the shell names (a data attribute of
// <html>).

export const HEARTBEAT_MS = Number(document.documentElement.dataset.heartbeat || 15) * 1000;

/** No frame for this long: a proxy buffers the stream. */
export const SILENCE_MS = 2.5 * HEARTBEAT_MS;
/** A stream that has not opened by then is not merely slow. */
export const OPENING_MS = Math.min(10_000, SILENCE_MS);
/** While long polling, the pause before a stream is tried again: the first one, and the longest. */
export const FIRST_STREAM_TRIAL_MS = 2 * HEARTBEAT_MS;
export const LAST_STREAM_TRIAL_MS = 40 * HEARTBEAT_MS;
/** How long a poll waits: in whole seconds, well below what routers allow. */
export const POLL_SECONDS = Math.min(25, Math.ceil(HEARTBEAT_MS / 1000) * 2);
/** A later response to a poll is ignored. */
export const POLL_TIMEOUT_MS = (POLL_SECONDS + 15) * 1000;
/** After a longer absence the page loads what it shows again, rather than catching up event by event. */
export const LONG_ABSENCE_MS = 30 * 60_000;
/** A browser that says it is offline is not always right: another attempt follows after this time. */
export const OFFLINE_RETRY_MS = 30_000;
