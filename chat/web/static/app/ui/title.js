/** The window's title and icon count what is unread. */
import { computed, effect } from "../../vendor/ui.js";
import { currentRoom, me, rooms } from "../core/store.js";
import { levelOf } from "./levels.js";

const NAME = "Chat";
const SIZE = 64;
const MOST = 99;
const STILL_MS = 250; // the icon is drawn when its number has stood so long

/** All that is unread where one wants to hear of it, and whether somebody is meant by it. */
export const news = computed(() => {
  const heard = [...rooms.value.values()].filter((room) => room.joined && room.unread && levelOf(room) !== "nothing");
  return {
    unread: heard.reduce((sum, room) => sum + room.unread, 0),
    meant: heard.some((room) => room.mentions || room.kind === "direct"),
  };
});

export function startTitle() {
  return effect(() => {
    const { unread, meant } = me.value ? news.value : { unread: 0, meant: false };
    const place = me.value && currentRoom.value?.name ? `${currentRoom.value.name} · ${NAME}` : NAME;
    document.title = unread ? `(${unread}) ${place}` : place;
    clearTimeout(drawing);
    drawing = setTimeout(drawIcon, STILL_MS, unread, meant);
  });
}

let drawing;
let plain;
let drawn = "";

function drawIcon(unread, meant) {
  const icon = document.querySelector("link[rel=icon]");
  plain ??= icon.href;
  const wanted = unread ? `${Math.min(unread, MOST + 1)} ${meant}` : "";
  if (wanted === drawn) return;
  drawn = wanted;
  icon.type = unread ? "image/png" : "image/svg+xml";
  icon.href = unread ? counting(unread, meant) : plain;
}

/** A speech bubble with the number in it; in another colour if one is meant. */
function counting(unread, meant) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const pen = canvas.getContext("2d");
  pen.fillStyle = meant ? "#b3401f" : "#1d6b58";
  pen.beginPath();
  pen.roundRect(2, 6, SIZE - 4, SIZE - 16, 12);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.font = `bold ${unread > 9 ? 34 : 42}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(unread > MOST ? "99+" : unread, SIZE / 2, SIZE / 2 - 1, SIZE - 10);
  return canvas.toDataURL();
}
