/** When something was said, as the reader's language has it. A formatter is made once, and when there is time for it. */
import { computed } from "../../vendor/ui.js";
import { settled } from "./settled.js";

const formatter = (options) => {
  let made;
  return (moment) => (made ??= new Intl.DateTimeFormat(undefined, options)).format(new Date(moment));
};
const date = formatter({ weekday: "long", day: "numeric", month: "long" });
const dated = formatter({ dateStyle: "long" });
const time = formatter({ timeStyle: "short" });
const DAY_MS = 24 * 60 * 60_000;
const SAMPLES = [new Date(2001, 0, 1, 9, 5), new Date(2001, 0, 1, 21, 5)];

export const inFull = formatter({ dateStyle: "full", timeStyle: "medium" });

/** The time of day without a formatter, as most languages have it; as the reader's has it where that differs and the page stands. */
const clock = computed(() => (settled.value && SAMPLES.some((sample) => time(sample) !== plain(sample)) ? time : plain));

function plain(moment) {
  const at = new Date(moment);
  return [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

export const timeOfDay = (moment) => clock.value(moment);

/** Which day of the reader's it was, to compare. */
export function dayOf(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", or which day it was; that is blank until the page stands. @param {number} day as `dayOf` has it */
export function dayInWords(day, today = dayOf(Date.now())) {
  if (day === today) return "Today";
  if (day === dayOf(today - DAY_MS / 2)) return "Yesterday";
  return settled.value ? (today - day < 300 * DAY_MS ? date : dated)(day) : "\u00a0";
}
