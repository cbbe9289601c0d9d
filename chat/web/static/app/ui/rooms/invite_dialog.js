// Shares a room as a link and a QR code: its address if it is open, an invitation if it is closed.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { myId, rooms } from "../../core/store.js";
import { Dialog } from "../common/dialog.js";
import { ConfirmButton, FormProblem, SubmitButton, useForm } from "../common/form.js";
import { Icon } from "../common/icon.js";
import { inviteKeyOf, rememberInviteKey } from "./invite_keys.js";

const QUIET_ZONE = 4; // modules of white around a QR code, as ISO/IEC 18004 asks

/** @param {{room: number}} props room: its id */
export function InviteDialog({ room: id }) {
  const room = rooms.value.get(id);
  if (!room) return null;
  const isOwner = room.owner?.id === myId.value;
  const key = inviteKeyOf(id);
  const path = room.kind === "open" ? `/r/${id}` : key && `/join/${key}`;
  return html`<${Dialog} title=${`Invite to ${room.name}`}>
    ${path && html`<${ShareLink} url=${location.origin + path} />`}
    <p class="hint">${explain(room, isOwner, key)}</p>
    ${room.kind === "closed" && isOwner && html`<${RenewForm} id=${id} hasKey=${Boolean(key)} />`}
  </${Dialog}>`;
}

function explain(room, isOwner, key) {
  if (room.kind === "open") return "Everybody who is signed in may join by this link.";
  if (key) return "Whoever has this invitation comes in. It is shown here until you close the page, and never again.";
  if (isOwner) {
    return "The invitation was shown when it was made. Make a new one to share it again: the one before ends.";
  }
  return `The room is closed: ${room.owner?.name ?? "its owner"} has the invitation.`;
}

function ShareLink({ url }) {
  return html`<div class="invite-link">
    <${QrCode} text=${url} />
    <label class="field">Link <input readonly value=${url} onFocus=${(event) => event.target.select()} /></label>
    <${CopyButton} text=${url} />
  </div>`;
}

/** Without HTTPS the page has no clipboard: the link is then selected, for the user to copy it. */
function CopyButton({ text }) {
  const isCopied = useSignal(false);
  const copy = async (event) => {
    const field = event.currentTarget.parentElement.querySelector("input");
    if (!navigator.clipboard) return field.select();
    return navigator.clipboard.writeText(text).then(() => (isCopied.value = true), () => field.select());
  };
  return html`<button type="button" class="primary" onClick=${copy}>
    <${Icon} name=${isCopied.value ? "check" : "copy"} />
    <span role="status">${isCopied.value ? "Copied" : "Copy the link"}</span>
  </button>`;
}

function QrCode({ text }) {
  const code = useSignal(/** @type {any} */ (null));
  useEffect(() => {
    import("../../../vendor/lib/qr.js").then(({ generate }) => (code.value = generate(text)));
  }, [text]);
  if (!code.value) return html`<svg class="qr" aria-hidden="true" />`;
  const side = code.value.size + 2 * QUIET_ZONE;
  const box = `${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`;
  const path = modulesPath(code.value);
  return html`<svg class="qr" role="img" aria-label="The link as a QR code" viewBox=${box}><path d=${path} /></svg>`;
}

/** An SVG path with a square for each dark module. */
function modulesPath(code) {
  const path = [];
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) path.push(`M${x} ${y}h1v1h-1z`);
  }
  return path.join("");
}

function RenewForm({ id, hasKey }) {
  const form = useForm(async () => rememberInviteKey(id, (await call("POST", `/room/${id}/invite`)).invite_key));
  return html`<form ...${form.props}>
    <${FormProblem} form=${form} />
    <div class="actions">${hasKey ? confirmRenewal(form) : renewButton(form)}</div>
  </form>`;
}

const RENEW = "Make a new invitation";

function renewButton(form) {
  return html`<${SubmitButton} form=${form}>${RENEW}</${SubmitButton}>`;
}

function confirmRenewal(form) {
  const submit = () => form.props.ref.current.requestSubmit();
  return html`<${ConfirmButton} label=${RENEW} question="The link above ends. Sure?" onConfirm=${submit} />`;
}
