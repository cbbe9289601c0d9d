/** Problems in words. */

/** What went wrong, in a sentence. */
export function sentence(problem) {
  if (!problem.status) return "The service cannot be reached just now. Please try again.";
  const again = problem.retryAfter ? ` Try again in ${wait(problem.retryAfter)}.` : "";
  return ended(capital(problem.detail || problem.title)) + again;
}

function wait(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const ended = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
