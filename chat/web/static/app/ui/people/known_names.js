// The names of known users: a mention of one of them is highlighted.

import { computed } from "../../../vendor/ui.js";
import { memberList } from "./member_list.js";
import { users } from "./user_directory.js";

/** As one string, so that messages are drawn again only when a name was added or removed. */
const joinedNames = computed(() => {
  const known = [...users.value.values(), ...memberList.value.members.map((member) => member.user)];
  return [...new Set(known.map((user) => user.name.toLowerCase()))].sort().join("\n");
});

/** In lower case. */
export const knownNames = computed(() => new Set(joinedNames.value.split("\n")));
