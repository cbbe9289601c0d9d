/** Which rooms somebody is looking at in any of this browser's tabs: nobody is notified of what they see. */
import { effect } from "../../vendor/ui.js";
import { currentId } from "../core/store.js";

const TAB = Math.random().toString(36).slice(2);
const rooms = new Map(); // tab -> the room that is looked at there
let channel;

export function startLooking() {
  channel = new BroadcastChannel("looking");
  channel.onmessage = ({ data }) => (data.room ? rooms.set(data.tab, data.room) : rooms.delete(data.tab));
  for (const type of ["focus", "blur"]) addEventListener(type, tell);
  addEventListener("pagehide", close);
  const stop = effect(tell);
  return () => {
    stop();
    for (const type of ["focus", "blur"]) removeEventListener(type, tell);
    removeEventListener("pagehide", close);
    close();
    channel.close();
  };
}

function tell() {
  say(document.hasFocus() ? currentId.value : (currentId.value, null));
}

function close() {
  say(null);
}

function say(room) {
  if (room) rooms.set(TAB, room);
  else rooms.delete(TAB);
  channel.postMessage({ tab: TAB, room });
}

export function isLookedAt(room) {
  return [...rooms.values()].includes(room);
}
