/** Where one writes: a new message, an answer, or the correction of one's own, with files, and what is offered while one types. */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useSignal } from "../../vendor/ui.js";
import { timelineOf } from "../core/timeline.js";
import { plain } from "../text/format.js";
import { TrayView } from "./attachments.js";
import { Desk } from "./desk.js";
import { dialog } from "./dialogs/open.js";
import { Icon } from "./icon.js";
import { Late } from "./later.js";
import { picking, pickEmoji } from "./picking.js";
import { editing, replyTo } from "./writing.js";

const FINE = matchMedia("(pointer: fine)");

/** Drawn anew for what is shown of the room alone. */
export function Composer({ room: { id, name, user } }) {
  return html`<${Writing} id=${id} name=${name} user=${user} />`;
}

function Writing({ id, name, user }) {
  const desk = useMemo(() => new Desk({ id, name, user }, timelineOf(id)), [id]);
  const textarea = useRef(null);
  const over = useSignal(false);
  desk.textarea = textarea;
  useEffect(() => desk.open(), [desk]);
  useEffect(() => void (FINE.matches && !document.querySelector("dialog[open]") && textarea.current.focus({ preventScroll: true })), [desk]);
  useEffect(() => dropping(desk, over), [desk]);
  useLayoutEffect(() => fit(textarea.current), [desk.text.value]);
  const { text, tooLong, completion, tray } = desk;
  const offered = completion.value?.open.value;
  return html`<form class=${over.value ? "composer over" : "composer"} onSubmit=${(event) => submit(event, desk)}>
    <${About} desk=${desk} />
    <${TrayView} tray=${tray} />
    ${completion.value && html`<${Late} part="Offers" completion=${completion.value} textarea=${textarea} />`}
    <div class="sheet">
      <${Attach} tray=${tray} />
      <textarea ref=${textarea} rows="1" aria-label="Message" placeholder="Message ${name}" dir="auto" enterkeyhint="send" autocomplete="off"
        aria-autocomplete="list" aria-controls=${offered?.list} aria-activedescendant=${offered?.option}
        value=${text.value} onInput=${(event) => desk.typed(event.target)} onKeyDown=${(event) => desk.key(event)} onPaste=${(event) => desk.paste(event)}
        onClick=${(event) => completion.value?.look(event.target)} onBlur=${() => completion.value?.close()} />
      <button type="button" class="quiet-button" aria-label="Insert an emoji" title="Insert an emoji" onClick=${(event) => pickEmoji(event.currentTarget, (emoji) => desk.insert(emoji))}><${Icon} name="smile" /></button>
      <button class=${desk.ready.value ? "primary" : "quiet-button"} aria-label=${editing.value ? "Save" : "Send"} title=${editing.value ? "Save" : "Send"} aria-disabled=${!desk.ready.value}>
        <${Icon} name=${editing.value ? "check" : "send"} />
      </button>
    </div>
    <p class="wrong" role="alert">${tooLong.value || desk.problem.value}</p>
    ${over.value && html`<p class="drop">Drop files to attach them</p>`}
    ${picking.value && html`<${Late} part="Picker" key=${picking.value} ...${picking.value} />`}
  </form>`;
}

function submit(event, desk) {
  event.preventDefault();
  desk.send();
}

/** What the text is about, and the way out. */
function About({ desk }) {
  const message = editing.value ?? replyTo.value;
  if (!message) return null;
  const name = editing.value ? "Editing your message" : "Replying to ";
  return html`<div class="aside">
    <${Icon} name=${editing.value ? "write" : "reply"} />
    <span class="what">${name}${!editing.value && html`<b><bdi>${message.sender?.name ?? "Announcement"}</bdi></b> <bdi class="quoted">${plain(message.text)}</bdi>`}</span>
    <button type="button" class="quiet-button" aria-label=${editing.value ? "Stop editing" : "Do not reply"} onClick=${() => desk.stop()}><${Icon} name="close" /></button>
  </div>`;
}

function Attach({ tray }) {
  const input = useRef(null);
  const choose = ({ target }) => {
    tray.add(target.files);
    target.value = "";
  };
  return html`<button type="button" class="quiet-button" aria-label="Attach files" title="Attach files" onClick=${() => input.current.click()}><${Icon} name="clip" /></button>
    <input ref=${input} type="file" multiple hidden aria-label="Files" onChange=${choose} />`;
}

/** As high as its text, within what the style allows. */
function fit(textarea) {
  if (CSS.supports("field-sizing", "content")) return;
  textarea.style.height = "auto";
  textarea.style.height = `${textarea.scrollHeight + 2}px`;
}

/** Files may be dropped anywhere in the room, unless something else is being done; app.js keeps the browser from opening them. */
function dropping(desk, over) {
  const takes = (event) => event.dataTransfer?.types.includes("Files") && !editing.value && !dialog.value;
  const listeners = {
    dragover: (event) => takes(event) && ((event.dataTransfer.dropEffect = "copy"), (over.value = true)),
    dragleave: (event) => !event.relatedTarget && (over.value = false),
    drop: (event) => {
      over.value = false;
      if (takes(event)) desk.tray.add(event.dataTransfer.files);
    },
  };
  for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener);
  return () => {
    for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener);
  };
}
