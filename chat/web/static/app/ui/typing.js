/** Who is typing in a room: a line above the composer that lapses by itself. */
import { html } from "../../vendor/ui.js";
import { me, typing } from "../core/store.js";
import { useNow } from "./clock.js";

const NAMED = 3;

export function Typing({ room }) {
  const all = [...(typing.value.get(room.id) ?? new Map())].filter(([id]) => id !== me.value.id);
  const now = useNow(all.length ? 500 : 0);
  const names = all.filter(([, one]) => one.until > Math.max(now, Date.now())).map(([, one]) => one.name);
  return html`<p class="typing">${names.length > 0 && html`<i aria-hidden="true"><b /><b /><b /></i>${told(names)}`}</p>`;
}

function told(names) {
  if (names.length > NAMED) return "Several people are typing…";
  const last = names.at(-1);
  return names.length === 1 ? `${last} is typing…` : `${names.slice(0, -1).join(", ")} and ${last} are typing…`;
}
