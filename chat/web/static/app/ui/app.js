/** The whole page: nothing while it is not known who is there, then signing in, or the rooms. */
import { html, useEffect } from "../../vendor/ui.js";
import { inviteKey } from "../core/route.js";
import { me, roomsLoaded } from "../core/store.js";
import { Dialogs, fetchDialogs } from "./dialogs/later.js";
import { closeDialog } from "./dialogs/open.js";
import { drawer } from "./drawer.js";
import { Join } from "./join.js";
import { startNotifying } from "./notify.js";
import { forgetPeople, loadPeople } from "./people.js";
import { RoomView } from "./room.js";
import { listenForKeys } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";
import { SignIn } from "./signin.js";
import { startTitle } from "./title.js";
import { Toasts } from "./toasts.js";
import { followViewport } from "./viewport.js";

const SETTLED_MS = 500; // what the page does without is asked for when it stands

export function App() {
  useEffect(followViewport, []);
  useEffect(startTitle, []);
  useEffect(keepThePage, []);
  if (me.value === undefined) return html`<main class="empty" aria-busy="true" aria-label="Loading" />`;
  return html`
    ${me.value ? html`<${Rooms} key=${me.value.id} />` : html`<${SignIn} />`}
    <${Toasts} />
  `;
}

/** A browser opens whatever file is dropped, in place of the page. Heard first, so that whoever takes files may say so after it. */
function keepThePage() {
  for (const type of ["dragover", "drop"]) addEventListener(type, refuseFiles, { capture: true });
  return () => {
    for (const type of ["dragover", "drop"]) removeEventListener(type, refuseFiles, { capture: true });
  };
}

function refuseFiles(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

/** What is there for whoever is signed in. */
function Rooms() {
  useEffect(listenForKeys, []);
  useEffect(startNotifying, []);
  useEffect(() => forgetPeople, []);
  useEffect(() => closeDialog, []);
  useEffect(() => {
    const timer = roomsLoaded.value && setTimeout(fetchTheRest, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [roomsLoaded.value]);
  return html`
    <div class=${drawer.value ? "frame drawer-open" : "frame"}>
      <${Sidebar} />
      ${inviteKey.value ? html`<${Join} key=${inviteKey.value} invitation=${inviteKey.value} />` : html`<${RoomView} />`}
    </div>
    <${Dialogs} />
  `;
}

function fetchTheRest() {
  fetchDialogs();
  loadPeople().catch(() => undefined); // pictures and the switcher's people: the page works without
}
