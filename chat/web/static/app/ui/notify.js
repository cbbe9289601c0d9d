/** Notifications, for those who asked for them: one for a browser, by the tab that leads. */
import { isPosted } from "../core/messages.js";
import { openRoom } from "../core/route.js";
import { link, me, rooms } from "../core/store.js";
import { onEvent } from "../live/stream.js";
import { plain } from "../text/format.js";
import { mentions } from "../text/mentions.js";
import { levelOf, tryToNotify, wanted } from "./levels.js";
import { isLookedAt, startLooking } from "./looking.js";

const SHOWN = 160; // characters of a message
const ICON = new URL("../../icon.svg", import.meta.url).href;

export function startNotifying() {
  const stops = [startLooking(), onEvent(consider)];
  return () => stops.forEach((stop) => stop());
}

function consider(event) {
  if (!isPosted(event) || !wanted.value || !link.value.leader) return;
  if (event.sender?.id === me.value?.id || isLookedAt(event.room.id)) return;
  if (concerns(event)) show(event);
}

/** Whether it is what was asked for in its room. */
function concerns({ room, text }) {
  const level = levelOf(room);
  return level === "all" || (level === "mentions" && mentions(text, me.value.name));
}

/** A later one of the same room takes its place, so that a busy room is one notification. */
function show(event) {
  const from = event.sender?.name ?? "Announcement";
  const title = event.room.kind === "direct" ? from : `${from} in ${event.room.name ?? rooms.value.get(event.room.id)?.name}`;
  const body = (plain(event.text) || event.file?.name || "").slice(0, SHOWN);
  const shown = tryToNotify(title, { body, tag: `room-${event.room.id}`, icon: ICON });
  if (!shown) return;
  shown.onclick = () => {
    window.focus();
    openRoom(event.room.id, event.id);
    shown.close();
  };
}
