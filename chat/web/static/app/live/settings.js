// The paces of the page, from the shell (data attributes of <html>), which has them from the service's own settings. In ms.

export const HEARTBEAT = Number(document.documentElement.dataset.heartbeat || 15) * 1000;

/** Nothing heard for this long: something keeps the stream to itself. */
export const MUTE = 2.5 * HEARTBEAT;
/** A stream that has not even opened by then: hardly a slow one. */
export const OPENING = Math.min(10_000, MUTE);
/** On the long poll, until a stream is tried again: at first, and at most. */
export const FIRST_TRIAL = 2 * HEARTBEAT;
export const LAST_TRIAL = 40 * HEARTBEAT;
/** How long a poll waits, in whole seconds, well under what routers allow. */
export const POLL_SECONDS = Math.min(25, Math.ceil(HEARTBEAT / 1000) * 2);
/** An answer to a poll that is later than this is none. */
export const POLL_LATE = (POLL_SECONDS + 15) * 1000;
/** Away for longer: what is shown is loaded anew, rather than told event by event. */
export const LONG_AWAY = 30 * 60_000;
/** A browser that says it is offline is not always right. */
export const OFFLINE = 30_000;
