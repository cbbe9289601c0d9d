/** Whether the page stands, so that there is time for what can wait: formatters, of which the first takes a slow phone a tenth of a second,
 *  a sidebar that is out of sight, dialogs, pictures. */
import { signal } from "../../vendor/ui.js";

const FIRST_MS = 150; // are the reader's
const SOON_MS = 50; // where a browser does not tell when it has nothing to do

export const settled = signal(false);

const whenIdle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, SOON_MS));
let told = false;

/** Something to read stands on the page. */
export function stands() {
  if (told) return;
  told = true;
  setTimeout(() => whenIdle(() => (settled.value = true), { timeout: 500 }), FIRST_MS);
}
