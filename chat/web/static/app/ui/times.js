/** When something was said. A formatter is made once, and when it is needed: making one takes longer than drawing a message. */

const formatter = (options) => {
  let made;
  return (moment) => (made ??= new Intl.DateTimeFormat(undefined, options)).format(new Date(moment));
};
const date = formatter({ weekday: "long", day: "numeric", month: "long" });
const dated = formatter({ dateStyle: "long" });
const DAY_MS = 24 * 60 * 60_000;

export const timeOfDay = formatter({ hour: "numeric", minute: "2-digit" });
export const inFull = formatter({ dateStyle: "full", timeStyle: "medium" });

/** Which day of the reader's it was, to compare. */
export function dayOf(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", or which day it was. @param {number} day as `dayOf` has it */
export function dayInWords(day, today = dayOf(Date.now())) {
  if (day === today) return "Today";
  if (day === dayOf(today - DAY_MS / 2)) return "Yesterday";
  return (today - day < 300 * DAY_MS ? date : dated)(day);
}
