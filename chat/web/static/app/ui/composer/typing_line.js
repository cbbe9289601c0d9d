// Who is typing in a room: a line above the composer.

import { html } from "../../../vendor/ui.js";
import { myId, typing } from "../../core/store.js";
import { useNow } from "../common/time.js";

const NAMED = 3; // more are not named

/** @param {{room: {id: number}}} props */
export function TypingLine({ room }) {
  const others = [...(typing.value.get(room.id) ?? new Map())].filter(([id]) => id !== myId.value);
  const now = useNow(others.length ? 500 : 0);
  const current = Math.max(now, Date.now());
  const names = others.filter(([, { until }]) => until > current).map(([, { name }]) => name);
  return html`<p class="typing-line">
    ${names.length > 0 && html`<i aria-hidden="true"><b /><b /><b /></i>${describe(names)}`}
  </p>`;
}

function describe(names) {
  if (names.length > NAMED) return "Several people are typing…";
  const last = names.at(-1);
  if (names.length === 1) return `${last} is typing…`;
  return `${names.slice(0, -1).join(", ")} and ${last} are typing…`;
}
