// Links to rooms and messages.

import { openRoom } from "../../core/router.js";
import { drawerOpen } from "./panel_state.js";

/** Opens a room without loading the page again, unless the click asks for another tab.
 *  @param {MouseEvent} event @param {number} id @param {number} [message] */
export function followRoomLink(event, id, message) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  drawerOpen.value = false;
  openRoom(id, message);
}
