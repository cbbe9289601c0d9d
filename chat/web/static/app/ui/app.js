/** The whole page: nothing while it is not known who is there, then signing in, or the rooms. */
import { html, useEffect } from "../../vendor/ui.js";
import { inviteKey } from "../core/route.js";
import { me, roomsLoaded } from "../core/store.js";
import { closeDialog } from "./dialogs/open.js";
import { Dialogs } from "./dialogs/shown.js";
import { drawer } from "./drawer.js";
import { Late, fetchLater, later } from "./later.js";
import { forgetPeople, loadPeople } from "./people.js";
import { RoomView } from "./room.js";
import { listenForKeys } from "./shortcuts.js";
import { settled, stands } from "./settled.js";
import { Sidebar } from "./sidebar.js";
import { Toasts } from "./toasts.js";
import { followViewport } from "./viewport.js";

const LATEST_MS = 500; // after the rooms are known; a room's messages say it themselves when they stand

export function App() {
  useEffect(followViewport, []);
  useEffect(() => later.value?.startTitle(), [later.value]);
  useEffect(keepThePage, []);
  if (me.value === undefined) return html`<main class="empty" aria-busy="true" aria-label="Loading" />`;
  return html`
    ${me.value ? html`<${Rooms} key=${me.value.id} />` : html`<${Late} part="SignIn" />`}
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
  useEffect(() => later.value?.startNotifying(), [later.value]);
  useEffect(() => forgetPeople, []);
  useEffect(() => closeDialog, []);
  useEffect(() => {
    const timer = roomsLoaded.value && setTimeout(stands, LATEST_MS);
    return () => clearTimeout(timer);
  }, [roomsLoaded.value]);
  useEffect(() => void (settled.value && fetchTheRest()), [settled.value]);
  return html`
    <div class=${drawer.value ? "frame drawer-open" : "frame"}>
      <${Sidebar} />
      ${inviteKey.value ? html`<${Late} part="Join" key=${inviteKey.value} invitation=${inviteKey.value} />` : html`<${RoomView} />`}
    </div>
    <${Dialogs} />
  `;
}

function fetchTheRest() {
  fetchLater();
  loadPeople().catch(() => undefined); // pictures and the switcher's people: the page works without
}
