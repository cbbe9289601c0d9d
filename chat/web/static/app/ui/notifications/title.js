// Shows the number of unread messages in the window's title and icon.

import { computed, effect } from "../../../vendor/ui.js";
import { currentRoom, me, rooms } from "../../core/store.js";
import { levelOf } from "./notification_levels.js";

const NAME = "Chat";
const SIZE = 64; // pixels of the icon
const MOST = 99;
const ICON_DELAY_MS = 250; // the icon is drawn when the number has not changed for so long

/**
 * Unread messages of all rooms that are not muted. isMentioned: one of them mentions the user, or is in a conversation.
 */
const unreadTotal = computed(() => {
  const isCounted = (room) => room.joined && room.unread && levelOf(room) !== "nothing";
  const unreadRooms = [...rooms.value.values()].filter(isCounted);
  return {
    unread: unreadRooms.reduce((sum, room) => sum + room.unread, 0),
    isMentioned: unreadRooms.some((room) => room.mentions || room.kind === "direct"),
  };
});

/** Returns a function that stops it. */
export function startTitle() {
  return effect(() => {
    const { unread, isMentioned } = me.value ? unreadTotal.value : { unread: 0, isMentioned: false };
    const title = me.value && currentRoom.value?.name ? `${currentRoom.value.name} · ${NAME}` : NAME;
    document.title = unread ? `(${unread}) ${title}` : title;
    clearTimeout(iconTimer);
    iconTimer = setTimeout(updateIcon, ICON_DELAY_MS, unread, isMentioned);
  });
}

let iconTimer;
let originalHref;
let shownState = "";

function updateIcon(unread, isMentioned) {
  const icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  originalHref ??= icon.href;
  const state = unread ? `${Math.min(unread, MOST + 1)} ${isMentioned}` : "";
  if (state === shownState) return;
  shownState = state;
  icon.type = unread ? "image/png" : "image/svg+xml";
  icon.href = unread ? drawIcon(unread, isMentioned) : originalHref;
}

/** A speech bubble with the number in it, in another colour if the user is mentioned. Returns a data URL. */
function drawIcon(unread, isMentioned) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = isMentioned ? "#b3401f" : "#1d6b58";
  context.beginPath();
  context.roundRect(2, 6, SIZE - 4, SIZE - 16, 12);
  context.fill();
  context.fillStyle = "#fff";
  context.font = `bold ${unread > 9 ? 34 : 42}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(unread > MOST ? "99+" : String(unread), SIZE / 2, SIZE / 2 - 1, SIZE - 10);
  return canvas.toDataURL();
}
