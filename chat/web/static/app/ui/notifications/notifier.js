// Shows desktop notifications to users who turned them on: one for a browser, by the leading tab.

import { onEvent } from "../../core/event_bus.js";
import { isPosted } from "../../core/message_list.js";
import { openRoom } from "../../core/router.js";
import { connection, me, rooms } from "../../core/store.js";
import { plain } from "../../text/format.js";
import { mentions } from "../../text/mentions.js";
import { levelOf } from "./notification_levels.js";
import { isEnabled, tryToNotify } from "./notification_permission.js";
import { isVisible, startVisibleRooms } from "./visible_rooms.js";

const BODY_LENGTH = 160; // characters of a message
const ICON = new URL("../../../icon.svg", import.meta.url).href;

/** Returns a function that stops it. */
export function startNotifier() {
  const stops = [startVisibleRooms(), onEvent(notifyOf)];
  return () => stops.forEach((stop) => stop());
}

function notifyOf(event) {
  if (!isPosted(event) || !isEnabled.value || !connection.value.leader) return;
  if (event.sender?.id === me.value?.id || isVisible(event.room.id)) return;
  if (matchesLevel(event)) show(event);
}

function matchesLevel({ room, text }) {
  const level = levelOf(room);
  return level === "all" || (level === "mentions" && mentions(text, me.value?.name ?? ""));
}

/** A later notification of the same room replaces it, so that a busy room is one notification. */
function show({ id, room, sender, text, file }) {
  const from = sender?.name ?? "Announcement";
  const title = room.kind === "direct" ? from : `${from} in ${room.name ?? rooms.value.get(room.id)?.name}`;
  const body = (plain(text) || file?.name || "").slice(0, BODY_LENGTH);
  const notification = tryToNotify(title, { body, tag: `room-${room.id}`, icon: ICON });
  if (!notification) return;
  notification.onclick = () => {
    window.focus();
    openRoom(room.id, id);
    notification.close();
  };
}
