/** Shares a room: its address if it is open, an invitation if it is closed, as a link and as a QR code. */
import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { me, rooms } from "../../core/store.js";
import { Sure, Wrong, Submit, useForm } from "../forms.js";
import { Icon } from "../icon.js";
import { Dialog } from "./dialog.js";
import { keepKey, keyOf } from "./keys.js";

const QUIET_ZONE = 4; // modules of white around a QR code, as its standard asks

export function Invite({ room: id }) {
  const room = rooms.value.get(id);
  if (!room) return null;
  const owns = room.owner?.id === me.value.id;
  const key = keyOf(id);
  const path = room.kind === "open" ? `/r/${id}` : key && `/join/${key}`;
  return html`<${Dialog} title=${`Invite to ${room.name}`}>
    ${path && html`<${Shared} address=${location.origin + path} />`}
    <p class="hint">${told(room, owns, key)}</p>
    ${room.kind === "closed" && owns && html`<${Renew} id=${id} first=${!key} />`}
  </${Dialog}>`;
}

function told(room, owns, key) {
  if (room.kind === "open") return "Everybody who is signed in may join by this link.";
  if (key) return "Whoever has this invitation comes in. It is shown here until you close the page, and never again.";
  if (owns) return "The invitation was shown when it was made. Make a new one to share it again: the one before ends.";
  return `The room is closed: ${room.owner?.name ?? "its owner"} has the invitation.`;
}

function Shared({ address }) {
  return html`<div class="shared">
    <${QrCode} text=${address} />
    <label class="field">Link <input readonly value=${address} onFocus=${(event) => event.target.select()} /></label>
    <${Copy} text=${address} />
  </div>`;
}

/** Where the page is not on HTTPS there is no clipboard for it: the link is selected then, to be copied by hand. */
function Copy({ text }) {
  const copied = useSignal(false);
  const copy = async (event) => {
    const field = event.currentTarget.parentElement.querySelector("input");
    if (navigator.clipboard) await navigator.clipboard.writeText(text).then(() => (copied.value = true), () => field.select());
    else field.select();
  };
  return html`<button type="button" class="primary" onClick=${copy}>
    <${Icon} name=${copied.value ? "check" : "copy"} /><span role="status">${copied.value ? "Copied" : "Copy the link"}</span>
  </button>`;
}

function QrCode({ text }) {
  const code = useSignal(null);
  useEffect(() => {
    import("../../../vendor/lib/qr.js").then(({ generate }) => (code.value = generate(text)));
  }, [text]);
  if (!code.value) return html`<svg class="qr" aria-hidden="true" />`;
  const side = code.value.size + 2 * QUIET_ZONE;
  const box = `${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`;
  return html`<svg class="qr" role="img" aria-label="The link as a QR code" viewBox=${box}><path d=${squares(code.value)} /></svg>`;
}

function squares(code) {
  const path = [];
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) path.push(`M${x} ${y}h1v1h-1z`);
  }
  return path.join("");
}

function Renew({ id, first }) {
  const form = useForm(async () => keepKey(id, (await call("POST", `/room/${id}/invite`)).invite_key));
  const label = "Make a new invitation";
  return html`<form ...${form.props}>
    <${Wrong} form=${form} />
    <div class="actions">
      ${first ? html`<${Submit} form=${form}>${label}</${Submit}>` : html`<${Sure} label=${label} sure="The link above ends. Sure?" onSure=${() => form.props.ref.current.requestSubmit()} />`}
    </div>
  </form>`;
}
