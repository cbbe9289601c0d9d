/** Whose names are known: those that stand out where they are mentioned. */
import { computed } from "../../vendor/ui.js";
import { people } from "./people.js";
import { roster } from "./roster.js";

/** As one string, so that what is drawn with it is drawn anew only where a name came or went. */
const joined = computed(() => {
  const names = [...people.value.values(), ...roster.value.members.map((member) => member.user)].map((user) => user.name.toLowerCase());
  return [...new Set(names)].sort().join("\n");
});

/** @type {{value: Set<string>}} in lower case */
export const known = computed(() => new Set(joined.value.split("\n")));
