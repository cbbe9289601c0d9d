// The whole page: nothing until it is known who is signed in, then the sign-in form or the rooms.

import { html, useEffect } from "../../vendor/ui.js";
import { inviteKey } from "../core/router.js";
import { me, roomsLoaded } from "../core/store.js";
import { DialogHost } from "./common/dialog_host.js";
import { closeDialog } from "./common/dialog_state.js";
import { firstPaintDone, markPainted } from "./common/first_paint.js";
import { Deferred, deferred, loadDeferred } from "./common/load_deferred.js";
import { drawerOpen } from "./common/panel_state.js";
import { ToastList } from "./common/toast_list.js";
import { followViewport } from "./common/viewport.js";
import { startShortcuts } from "./keyboard_shortcuts.js";
import { forgetUsers, loadUsers } from "./people/user_directory.js";
import { RoomView } from "./rooms/room_view.js";
import { Sidebar } from "./rooms/sidebar.js";

const PAINTED_MS = 500; // after the rooms are loaded at the latest; a room's timeline marks the paint itself

export function App() {
  useEffect(followViewport, []);
  useEffect(() => deferred.value?.startTitle(), [deferred.value]);
  useEffect(preventFileDrops, []);
  if (me.value === undefined) return html`<main class="placeholder" aria-busy="true" aria-label="Loading" />`;
  return html`
    ${me.value ? html`<${SignedIn} key=${me.value.id} />` : html`<${Deferred} part="SignIn" />`}
    <${ToastList} />
  `;
}

/** A browser opens a dropped file in place of the page. The capture phase lets components accept files afterwards. */
function preventFileDrops() {
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

function SignedIn() {
  useEffect(startShortcuts, []);
  useEffect(() => deferred.value?.startNotifier(), [deferred.value]);
  useEffect(() => forgetUsers, []);
  useEffect(() => closeDialog, []);
  useEffect(() => {
    const timer = roomsLoaded.value ? setTimeout(markPainted, PAINTED_MS) : undefined;
    return () => clearTimeout(timer);
  }, [roomsLoaded.value]);
  useEffect(() => void (firstPaintDone.value && loadRest()), [firstPaintDone.value]);
  const key = inviteKey.value;
  return html`
    <div class=${drawerOpen.value ? "app drawer-open" : "app"}>
      <${Sidebar} />
      ${key ? html`<${Deferred} part="AcceptInvite" key=${key} inviteKey=${key} />` : html`<${RoomView} />`}
    </div>
    <${DialogHost} />
  `;
}

function loadRest() {
  loadDeferred();
  loadUsers().catch(() => undefined); // pictures, and users for the switcher: the page works without
}
