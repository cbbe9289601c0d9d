// Every dialog by the name that openDialog takes.

import { DeleteDialog } from "./messages/delete_dialog.js";
import { SearchDialog } from "./messages/search_dialog.js";
import { AccountDialog } from "./people/account_dialog.js";
import { FirstMessageDialog } from "./people/first_message_dialog.js";
import { ProfileDialog } from "./people/profile_dialog.js";
import { BrowseDialog } from "./rooms/browse_dialog.js";
import { CreateDialog } from "./rooms/create_dialog.js";
import { InviteDialog } from "./rooms/invite_dialog.js";
import { RoomDialog } from "./rooms/room_dialog.js";
import { Switcher } from "./rooms/switcher.js";
import { ShortcutsDialog } from "./shortcuts_dialog.js";

export const DIALOGS = {
  account: AccountDialog,
  browse: BrowseDialog,
  createRoom: CreateDialog,
  deleteMessage: DeleteDialog,
  firstMessage: FirstMessageDialog,
  invite: InviteDialog,
  profile: ProfileDialog,
  room: RoomDialog,
  search: SearchDialog,
  shortcuts: ShortcutsDialog,
  switcher: Switcher,
};
