/** Every way to get about without a mouse: what `?` shows. */
import { html } from "../../../vendor/ui.js";
import { APPLE } from "../sidebar.js";
import { Dialog } from "./dialog.js";

const MOD = APPLE ? "⌘" : "Ctrl";
const ALT = APPLE ? "⌥" : "Alt";

const SHOWN = [
  ["Getting about", [
    [[MOD, "K"], "Go to a room, a conversation or a person"],
    [[ALT, "↓"], "The next room"],
    [[ALT, "↑"], "The room before"],
    [[ALT, "Shift", "↓"], "The next with something unread"],
    [[ALT, "Shift", "↑"], "The one before with something unread"],
    [["/"], "Search"],
    [[ALT, "M"], "Show or hide the members"],
    [["Esc"], "Close what is open"],
    [["?"], "These shortcuts"],
  ]],
  ["Writing", [
    [["Enter"], "Send"],
    [["Shift", "Enter"], "A new line"],
    [["↑"], "Edit your last message, from an empty line"],
    [["Tab"], "Take what is offered for @ and :"],
    [["Esc"], "Leave off an edit or a reply"],
  ]],
];

export function Shortcuts() {
  return html`<${Dialog} title="Keyboard shortcuts" className="wide">
    <div class="shortcuts">
      ${SHOWN.map(([title, keys]) => html`<section><h3>${title}</h3><dl>${keys.map(row)}</dl></section>`)}
    </div>
    <p class="hint"><a href="/api/v1/docs" target="_blank" rel="noreferrer">The API, for programs</a></p>
  </${Dialog}>`;
}

function row([keys, what]) {
  return html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd></div>`;
}
