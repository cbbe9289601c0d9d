// Which rooms the user sees in any of this browser's tabs: nobody is notified of what they see.

import { effect } from "../../../vendor/ui.js";
import { currentRoomId } from "../../core/store.js";

const TAB = Math.random().toString(36).slice(2);
/** Tab -> the room that has the focus there. @type {Map<string, number>} */
const visibleRooms = new Map();
/** @type {BroadcastChannel} */
let channel;

/** Returns a function that stops it. */
export function startVisibleRooms() {
  channel = new BroadcastChannel("looking");
  channel.onmessage = ({ data }) => setRoom(data.tab, data.room);
  for (const type of ["focus", "blur"]) addEventListener(type, update);
  addEventListener("pagehide", hide);
  const stopEffect = effect(update);
  return () => {
    stopEffect();
    for (const type of ["focus", "blur"]) removeEventListener(type, update);
    removeEventListener("pagehide", hide);
    hide();
    channel.close();
  };
}

function setRoom(tab, room) {
  if (room) visibleRooms.set(tab, room);
  else visibleRooms.delete(tab);
}

function update() {
  const room = currentRoomId.value;
  publish(document.hasFocus() ? room : null);
}

function hide() {
  publish(null);
}

function publish(room) {
  setRoom(TAB, room);
  channel.postMessage({ tab: TAB, room });
}

/** @param {number} roomId */
export function isVisible(roomId) {
  return [...visibleRooms.values()].includes(roomId);
}
