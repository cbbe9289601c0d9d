/** What can be done with a message. */
import { html } from "../../vendor/ui.js";
import { hasReacted } from "../core/messages.js";
import { me, toast } from "../core/store.js";
import { openDialog } from "./dialogs/open.js";
import { Icon } from "./icon.js";
import { pickEmoji } from "./picking.js";
import { edit, reply } from "./writing.js";

export function Tools({ message, owned, timeline }) {
  const mine = message.sender?.id === me.value.id;
  const react = (emoji) => timeline.react(message.id, emoji, !hasReacted(message, me.value, emoji));
  const act = (begin) => () => {
    begin(message);
    document.querySelector(".composer textarea")?.focus();
  };
  return html`<div class="tools" role="group" aria-label="What to do with this message">
    <${Tool} icon="smile" name="React" onClick=${(event) => pickEmoji(event.currentTarget, react)} />
    <${Tool} icon="reply" name="Reply" onClick=${act(reply)} />
    <${Tool} icon="link" name="Copy link" onClick=${() => copyLink(message)} />
    ${mine && html`<${Tool} icon="write" name="Edit" onClick=${act(edit)} />`}
    ${(mine || owned) && html`<${Tool} icon="trash" name="Delete" onClick=${() => openDialog("remove", { message, timeline })} />`}
  </div>`;
}

function Tool({ icon, name, onClick }) {
  return html`<button type="button" class="quiet-button" aria-label=${name} title=${name} onClick=${onClick}><${Icon} name=${icon} /></button>`;
}

export const linkTo = ({ room, id }) => `${location.origin}/r/${room.id}/${id}`;

/** Not every page may write to the clipboard: then the link is shown to be copied by hand. */
async function copyLink(message) {
  try {
    await navigator.clipboard.writeText(linkTo(message));
    toast("The link is copied.");
  } catch {
    toast(linkTo(message));
  }
}
