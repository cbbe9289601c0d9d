// Asks before a message is deleted, because that cannot be undone.

import { html, useSignal } from "../../../vendor/ui.js";
import { Problem } from "../../core/api.js";
import { Dialog } from "../common/dialog.js";
import { closeDialog } from "../common/dialog_state.js";
import { problemMessage } from "../common/problem_messages.js";

const EXCERPT = 300; // characters

export function DeleteDialog({ message, timeline }) {
  const problem = useSignal(/** @type {Problem|null} */ (null));
  const confirm = async () => {
    try {
      await timeline.delete(message.id);
      closeDialog();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    }
  };
  const excerpt = (message.text || message.file?.name || "").slice(0, EXCERPT);
  return html`<${Dialog} title="Delete this message?">
    <blockquote class="excerpt" dir="auto">${excerpt}</blockquote>
    <p class="hint">It is gone for everybody then, ${message.file ? "with its file, " : ""}for good.</p>
    <p class="error whole" role="alert">${problem.value ? problemMessage(problem.value) : ""}</p>
    <div class="actions">
      <button type="button" class="danger" onClick=${confirm}>Delete</button>
      <button type="button" onClick=${closeDialog}>Keep</button>
    </div>
  </${Dialog}>`;
}
