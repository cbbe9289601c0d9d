// Short notices at the edge of the page. ui/common/toast_list.js draws them and dismisses them after a while.

import { signal } from "../../vendor/ui.js";

/** @typedef {{id: number, text: string, action?: {label: string, run: () => void}}} ToastState */

/** @type {import("../../vendor/ui.js").Signal<ToastState[]>} */
export const toasts = signal([]);
let lastId = 0;

/** @param {string} text @param {{action?: ToastState["action"]}} [options] @returns {number} its id */
export function showToast(text, { action } = {}) {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, text, action }];
  return id;
}

/** @param {number} id */
export function dismissToast(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
