/** Asks before a message is deleted: it cannot be undone. */
import { html, useSignal } from "../../../vendor/ui.js";
import { Problem } from "../../core/api.js";
import { Dialog } from "./dialog.js";
import { closeDialog } from "./open.js";
import { sentence } from "../sentences.js";

const SHOWN = 300; // characters

export function Remove({ message, timeline }) {
  const problem = useSignal(null);
  const remove = async () => {
    try {
      await timeline.remove(message.id);
      closeDialog();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem.value = error;
    }
  };
  return html`<${Dialog} title="Delete this message?">
    <blockquote class="excerpt" dir="auto">${(message.text || message.file?.name || "").slice(0, SHOWN)}</blockquote>
    <p class="hint">It is gone for everybody then, ${message.file ? "with its file, " : ""}for good.</p>
    <p class="wrong whole" role="alert">${problem.value ? sentence(problem.value) : ""}</p>
    <div class="actions">
      <button type="button" class="danger" onClick=${remove}>Delete</button>
      <button type="button" onClick=${closeDialog}>Keep</button>
    </div>
  </${Dialog}>`;
}
