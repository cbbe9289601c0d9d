// Calls to the service. Whatever goes wrong is a Problem; a call that says 401 means that nobody is signed in any more.

export const BASE = "/api/v1";

/** What went wrong, as the service says it (RFC 9457). status 0: the service was not reached. retryAfter: seconds, or null. */
export class Problem extends Error {
  constructor({ status = 0, title = "No connection", detail = "", errors = [], retryAfter = null } = {}) {
    super(detail || title);
    this.name = "Problem";
    Object.assign(this, { status, title, detail, errors, retryAfter });
  }
}

/** Where it is told that nobody is signed in any more; main.js sets it, so that this module knows nothing of the store. */
const listeners = new Set();

export function onSignedOut(listener) {
  listeners.add(listener);
}

/**
 * @param {string} path relative to /api/v1
 * @param {object} [body] sent as JSON
 * @param {{key?: string, signal?: AbortSignal}} [options] key: an Idempotency-Key
 * @returns {Promise<any>} the answer's JSON, null where there is none
 * @throws {Problem}
 */
export async function call(method, path, body, { key, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { answer, text } = await reach(BASE + path, { method, headers, signal, body: sent });
  return read(answer.status, text, answer.headers.get("Retry-After"));
}

/** An answer whose body breaks off is none. */
async function reach(url, options) {
  try {
    const answer = await fetch(url, options);
    return { answer, text: await answer.text() };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem();
  }
}

/**
 * A form with a file, for fetch cannot tell how far it is. Every field but a file goes first: the service reads a form as it comes.
 * @param {Record<string, string|File>} fields
 * @param {{onProgress?: (part: number) => void, signal?: AbortSignal, key?: string, method?: string}} [options] part: 0 to 1
 */
export function upload(path, fields, { onProgress, signal, key, method = "POST" } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, BASE + path);
    if (key) request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(new Problem());
    request.onabort = () => reject(new DOMException("The upload was stopped", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form(fields));
  });
}

function settle(request, resolve, reject) {
  try {
    resolve(read(request.status, request.responseText, request.getResponseHeader("Retry-After")));
  } catch (problem) {
    reject(problem);
  }
}

function form(fields) {
  const filled = new FormData();
  const files = Object.entries(fields).filter(([, value]) => value instanceof Blob);
  for (const [name, value] of Object.entries(fields)) {
    if (!(value instanceof Blob) && value !== undefined) filled.append(name, value);
  }
  for (const [name, value] of files) filled.append(name, value, value.name ?? name);
  return filled;
}

/** What an answer says; a proxy's HTML is no answer of ours, whatever its status. */
function read(status, text, retryAfter) {
  if (status === 401) for (const listener of listeners) listener();
  const json = parsed(text);
  if (status >= 200 && status < 300 && !text && status !== 204) throw new Problem(); // it was cut off
  if (status >= 200 && status < 300 && json !== undefined) return json;
  throw new Problem({ title: `The service answered ${status}`, ...json, status, retryAfter: seconds(retryAfter) });
}

function parsed(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After is seconds, or a date. */
function seconds(retryAfter) {
  if (!retryAfter) return null;
  const number = Number(retryAfter);
  return Number.isNaN(number) ? Math.max(0, (Date.parse(retryAfter) - Date.now()) / 1000) : number;
}

/** An Idempotency-Key. Not crypto.randomUUID: on plain HTTP there is none. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
