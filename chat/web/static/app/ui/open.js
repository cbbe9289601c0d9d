/** Opening a person's conversation: the one that there is, or a first message, which begins it. */
import { openRoom } from "../core/route.js";
import { rooms } from "../core/store.js";
import { closeDialog, openDialog } from "./dialogs/open.js";

export function conversationWith(user) {
  return [...rooms.value.values()].find((room) => room.kind === "direct" && room.user?.id === user.id);
}

export function openPerson(user) {
  const room = conversationWith(user);
  if (!room) return openDialog("write", { user });
  return leaveFor(room.id);
}

/** Closes the dialog that led there. */
export function leaveFor(id, message) {
  closeDialog();
  openRoom(id, message);
}
