// Icons that stand for rooms.

import { html } from "../../../vendor/ui.js";
import { Icon } from "../common/icon.js";

/** @import {Room} from "../../core/store.js" */

/** The name of a room's icon. @param {Room} room @returns {"open"|"closed"|"direct"|"timed"} */
export function roomIcon(room) {
  if (room.kind === "direct") return "direct";
  return room.expires ? "timed" : room.kind;
}

/**
 * A lock beside the icon of a closed room that expires: that icon does not show that the room is closed.
 * @param {{room: Room}} props
 */
export function Lock({ room }) {
  if (!room.expires || room.kind !== "closed") return null;
  return html`<span class="lock" title="Closed: only whoever has its invitation comes in">
    <${Icon} name="closed" /><span class="visually-hidden">closed</span>
  </span>`;
}
