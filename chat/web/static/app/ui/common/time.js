// Durations and dates in words, and a clock for components.

import { useEffect, useState } from "../../../vendor/ui.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const LAST_MINUTES = 10 * MINUTE;

/** The time now, updated every so many milliseconds; 0: never. @param {number} interval */
export function useNow(interval) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!interval) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/** Milliseconds as "2 h 5 min", "34 min", and in the last minutes to the second: "9:41". @param {number} ms */
export function formatDuration(ms) {
  if (ms <= 0) return "0:00";
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  if (ms >= LAST_MINUTES) return `${Math.floor(ms / MINUTE)} min`;
  return `${Math.floor(ms / MINUTE)}:${String(Math.floor((ms % MINUTE) / 1000)).padStart(2, "0")}`;
}

/** How long ago, roughly. @param {string} date */
export function formatAgo(date, now = Date.now()) {
  const ms = now - new Date(date).getTime();
  if (ms < 2 * MINUTE) return "just now";
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} minutes ago`;
  if (ms < DAY) return ms < 2 * HOUR ? "an hour ago" : `${Math.floor(ms / HOUR)} hours ago`;
  return formatDate(date);
}

/** @param {string} date */
export function formatDate(date) {
  return new Date(date).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** @param {string} date */
export function formatDateTime(date) {
  const options = /** @type {const} */ ({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return new Date(date).toLocaleString(undefined, options);
}
