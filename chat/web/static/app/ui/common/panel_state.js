// The panels beside the messages. On a phone the sidebar is a drawer and the member panel covers the messages; on a
// wide screen both are beside them.

import { effect, signal, untracked } from "../../../vendor/ui.js";
import { currentRoomId } from "../../core/store.js";

export const NARROW = matchMedia("(max-width: 44rem)");
const WIDE = matchMedia("(min-width: 80rem)");
const STORAGE_KEY = "members-shown";

export const drawerOpen = signal(false);
/** Stored, except on screens where the panel covers the messages. */
export const memberPanelOpen = signal(isOpenByDefault());
WIDE.addEventListener("change", () => (memberPanelOpen.value = isOpenByDefault()));

function isOpenByDefault() {
  return WIDE.matches && localStorage.getItem(STORAGE_KEY) !== "no";
}

/** Both close when another room is opened. */
effect(() => {
  void currentRoomId.value;
  untracked(() => {
    drawerOpen.value = false;
    if (!WIDE.matches) memberPanelOpen.value = false;
  });
});

export function toggleMemberPanel() {
  memberPanelOpen.value = !memberPanelOpen.value;
  if (WIDE.matches) localStorage.setItem(STORAGE_KEY, memberPanelOpen.value ? "yes" : "no");
}
