/** A person's picture, or the first letters of the name in a colour of their own. Decoration: the name stands beside it. */
import { html } from "../../vendor/ui.js";
import { personOf } from "./people.js";

const HUES = 8;

/** @param {{user: {id: number, name: string}, size?: "s"|"m"|"l", present?: boolean}} props */
export function Avatar({ user, size = "m", present }) {
  const picture = personOf(user.id)?.avatar_url;
  return html`<span class="avatar ${size} hue${user.id % HUES}" aria-hidden="true" data-initials=${picture ? undefined : initials(user.name)}>
    ${picture && html`<img src=${picture} alt="" loading="lazy" decoding="async" />`}
    ${present !== undefined && html`<i class=${present ? "dot here" : "dot"} />`}
  </span>`;
}

function initials(name) {
  const parts = name.split(/[._\-\s]+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)].map((part) => Array.from(part)[0]) : Array.from(name).slice(0, 1);
  return letters.join("").toUpperCase();
}
