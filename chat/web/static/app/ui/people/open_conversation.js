// Opens a user's conversation: the one that exists, or a dialog for the first message.

import { openRoom } from "../../core/router.js";
import { rooms } from "../../core/store.js";
import { closeDialog, openDialog } from "../common/dialog_state.js";

/** @import {Room, UserRef} from "../../core/store.js" */

/** @param {UserRef} user @returns {Room|undefined} */
export function conversationWith(user) {
  return [...rooms.value.values()].find((room) => room.kind === "direct" && room.user?.id === user.id);
}

/** @param {UserRef} user */
export function openConversation(user) {
  const room = conversationWith(user);
  if (room) closeDialogAndOpen(room.id);
  else openDialog("firstMessage", { user });
}

/** Opens a room that was chosen in a dialog. @param {number} id */
export function closeDialogAndOpen(id) {
  closeDialog();
  openRoom(id);
}
