/** Every dialog by its name. */
import { Search } from "../search.js";
import { Switcher } from "../switcher.js";
import { Create } from "./create.js";
import { Find } from "./find.js";
import { Invite } from "./invite.js";
import { Person } from "./person.js";
import { Remove } from "./remove.js";
import { RoomDialog } from "./room.js";
import { Shortcuts } from "./shortcuts.js";
import { Write } from "./write.js";
import { You } from "./you.js";

export const DIALOGS = {
  create: Create,
  find: Find,
  invite: Invite,
  person: Person,
  remove: Remove,
  room: RoomDialog,
  search: Search,
  shortcuts: Shortcuts,
  switcher: Switcher,
  write: Write,
  you: You,
};
