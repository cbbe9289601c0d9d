// When a message was sent, in the reader's language. Formatters are made at first use, and when the page is ready.

import { computed } from "../../../vendor/ui.js";
import { firstPaintDone } from "../common/first_paint.js";

/** @typedef {string|number|Date} Moment */

/** @param {Intl.DateTimeFormatOptions} options @returns {(moment: Moment) => string} */
const lazyFormatter = (options) => {
  let formatter;
  return (moment) => (formatter ??= new Intl.DateTimeFormat(undefined, options)).format(new Date(moment));
};
const formatDay = lazyFormatter({ weekday: "long", day: "numeric", month: "long" });
const formatOldDay = lazyFormatter({ dateStyle: "long" });
const formatTime = lazyFormatter({ timeStyle: "short" });
const DAY_MS = 24 * 60 * 60_000;
const SAMPLES = [new Date(2001, 0, 1, 9, 5), new Date(2001, 0, 1, 21, 5)];

export const formatFull = lazyFormatter({ dateStyle: "full", timeStyle: "medium" });

/**
 * Most languages write the time as `plainTime` does, without a formatter. The reader's own form follows when the page
 * is ready.
 */
const timeFormat = computed(() => {
  const differs = firstPaintDone.value && SAMPLES.some((sample) => formatTime(sample) !== plainTime(sample));
  return differs ? formatTime : plainTime;
});

/** @param {Moment} moment */
function plainTime(moment) {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** @param {Moment} moment */
export const timeOfDay = (moment) => timeFormat.value(moment);

/** The reader's day, as the time of its midnight. @param {Moment} moment */
export function dayOf(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", or the date, which is blank until the page is ready. @param {number} day from `dayOf` */
export function dayLabel(day, today = dayOf(Date.now())) {
  if (day === today) return "Today";
  if (day === dayOf(today - DAY_MS / 2)) return "Yesterday";
  if (!firstPaintDone.value) return "\u00a0";
  return (today - day < 300 * DAY_MS ? formatDay : formatOldDay)(day);
}
