// The list of keyboard shortcuts that `?` shows. keyboard_shortcuts.js and the composer handle them.

import { html } from "../../vendor/ui.js";
import { Dialog } from "./common/dialog.js";
import { ALT_KEY, MOD_KEY } from "./common/platform.js";

/** @type {[string, [string[], string][]][]} title, and keys with what they do */
const SECTIONS = [
  ["Getting about", [
    [[MOD_KEY, "K"], "Go to a room, a conversation or a person"],
    [[ALT_KEY, "↓"], "The next room"],
    [[ALT_KEY, "↑"], "The room before"],
    [[ALT_KEY, "Shift", "↓"], "The next with something unread"],
    [[ALT_KEY, "Shift", "↑"], "The one before with something unread"],
    [["/"], "Search"],
    [[ALT_KEY, "M"], "Show or hide the members"],
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

export function ShortcutsDialog() {
  return html`<${Dialog} title="Keyboard shortcuts" className="wide">
    <div class="shortcuts">
      ${SECTIONS.map(([title, rows]) => html`<section><h3>${title}</h3><dl>${rows.map(row)}</dl></section>`)}
    </div>
    <p class="hint"><a href="/api/v1/docs" target="_blank" rel="noreferrer">The API, for programs</a></p>
  </${Dialog}>`;
}

function row([keys, action]) {
  return html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${action}</dd></div>`;
}
