/** Time as people say it, and a clock that components may look at. */
import { useEffect, useState } from "../../vendor/ui.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const LAST_MINUTES = 10 * MINUTE;

/** The time now, looked at anew every so many milliseconds; 0: not again. */
export function useNow(every) {
  const [now, look] = useState(Date.now());
  useEffect(() => {
    if (!every) return undefined;
    look(Date.now());
    const timer = setInterval(() => look(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Milliseconds as "2 h 5 min", "34 min", and to the second in the last minutes: "9:41". */
export function left(ms) {
  if (ms <= 0) return "0:00";
  if (ms >= HOUR) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  if (ms >= LAST_MINUTES) return `${Math.floor(ms / MINUTE)} min`;
  return `${Math.floor(ms / MINUTE)}:${String(Math.floor((ms % MINUTE) / 1000)).padStart(2, "0")}`;
}

/** How long ago, roughly. */
export function ago(date, now = Date.now()) {
  const ms = now - new Date(date).getTime();
  if (ms < 2 * MINUTE) return "just now";
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} minutes ago`;
  if (ms < DAY) return ms < 2 * HOUR ? "an hour ago" : `${Math.floor(ms / HOUR)} hours ago`;
  return day(date);
}

export function day(date) {
  return new Date(date).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

export function dayAndTime(date) {
  return new Date(date).toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
