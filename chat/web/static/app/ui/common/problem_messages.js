// Problems as sentences.

/** @import {Problem} from "../../core/api.js" */

/** @param {Problem} problem */
export function problemMessage(problem) {
  if (!problem.status) return "The service cannot be reached just now. Please try again.";
  const retry = problem.retryAfter ? ` Try again in ${formatWait(problem.retryAfter)}.` : "";
  return withPeriod(capitalize(problem.detail || problem.title)) + retry;
}

function formatWait(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

/** @param {string} text */
export const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** @param {string} text */
export const withPeriod = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
