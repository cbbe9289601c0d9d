/** On a phone the sidebar is a drawer, and the members lie over the messages; on a wide screen both stand beside them. */
import { effect, signal, untracked } from "../../vendor/ui.js";
import { currentId } from "../core/store.js";

export const NARROW = matchMedia("(max-width: 44rem)");
const WIDE = matchMedia("(min-width: 80rem)");
const KEPT = "members-shown";

export const drawer = signal(false);
/** Whether the members' panel is open: kept, but for screens where it hides the messages. */
export const panel = signal(standsOpen());
WIDE.addEventListener("change", () => (panel.value = standsOpen()));

function standsOpen() {
  return WIDE.matches && localStorage.getItem(KEPT) !== "no";
}

effect(() => {
  currentId.value;
  untracked(() => {
    drawer.value = false;
    if (!WIDE.matches) panel.value = false;
  });
});

export function togglePanel() {
  panel.value = !panel.value;
  if (WIDE.matches) localStorage.setItem(KEPT, panel.value ? "yes" : "no");
}
