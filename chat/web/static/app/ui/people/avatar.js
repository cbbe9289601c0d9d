// A user's picture, or their initials in one of a few colours. Decoration: the name is beside it.

import { html } from "../../../vendor/ui.js";
import { userOf } from "./user_directory.js";

const HUES = 8;

/** @param {{user: {id: number, name: string}, size?: "s"|"m"|"l", present?: boolean}} props */
export function Avatar({ user, size = "m", present }) {
  const picture = userOf(user.id)?.avatar_url;
  const classes = `avatar ${size} hue${user.id % HUES}`;
  return html`<span class=${classes} aria-hidden="true" data-initials=${picture ? undefined : initialsOf(user.name)}>
    ${picture && html`<img src=${picture} alt="" loading="lazy" decoding="async" />`}
    ${present !== undefined && html`<i class=${present ? "status-dot present" : "status-dot"} />`}
  </span>`;
}

function initialsOf(name) {
  const parts = name.split(/[._\-\s]+/).filter(Boolean);
  const words = parts.length > 1 ? [parts[0], parts.at(-1)] : [name];
  return words.map((word) => Array.from(word)[0]).join("").toUpperCase();
}
