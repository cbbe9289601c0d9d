// HTTP calls to the service. Every failure is a Problem. A 401 means that nobody is signed in any more.

export const BASE = "/api/v1";

/**
 * A refusal as the service describes it (RFC 9457). status 0: the service was not reached. retryAfter: seconds, or
 * null.
 */
export class Problem extends Error {
  constructor({ status = 0, title = "No connection", detail = "", errors = [], retryAfter = null } = {}) {
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = detail;
    /** @type {{field: string, detail: string, whole?: boolean}[]} whole: the detail is a whole sentence */
    this.errors = errors;
    /** @type {number|null} */
    this.retryAfter = retryAfter;
  }
}

/** @type {Set<() => void>} main.js adds one, so that this module knows nothing of the session. */
const signedOutListeners = new Set();

/** @param {() => void} listener */
export function onSignedOut(listener) {
  signedOutListeners.add(listener);
}

/**
 * @param {string} method
 * @param {string} path relative to /api/v1
 * @param {object} [body] sent as JSON
 * @param {{key?: string, signal?: AbortSignal}} [options] key: an Idempotency-Key
 * @returns {Promise<any>} the JSON of the response, null if it has no body
 * @throws {Problem}
 */
export async function call(method, path, body, { key, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const json = body === undefined ? undefined : JSON.stringify(body);
  const { response, text } = await fetchText(BASE + path, { method, headers, signal, body: json });
  return parseResponse(response.status, text, response.headers.get("Retry-After"));
}

/** A response whose body breaks off counts as no connection. */
async function fetchText(url, options) {
  try {
    const response = await fetch(url, options);
    return { response, text: await response.text() };
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw new Problem();
  }
}

/**
 * Posts a form with a file. XMLHttpRequest, because fetch cannot report the progress of an upload. Files go last: the
 * service reads a form as it arrives.
 * @param {string} path
 * @param {Record<string, string|File|undefined>} fields
 * @param {{onProgress?: (part: number) => void, signal?: AbortSignal, key?: string, method?: string}} [options] part: 0
 *   to 1
 * @returns {Promise<any>}
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
    request.send(formData(fields));
  });
}

function settle(request, resolve, reject) {
  try {
    resolve(parseResponse(request.status, request.responseText, request.getResponseHeader("Retry-After")));
  } catch (problem) {
    reject(problem);
  }
}

function formData(fields) {
  const form = new FormData();
  const files = Object.entries(fields).filter(([, value]) => value instanceof Blob);
  for (const [name, value] of Object.entries(fields)) {
    if (!(value instanceof Blob) && value !== undefined) form.append(name, value);
  }
  for (const [name, value] of files) form.append(name, value, value.name ?? name);
  return form;
}

/** A proxy's HTML is no response of the service, whatever its status. */
function parseResponse(status, text, retryAfter) {
  if (status === 401) for (const listener of signedOutListeners) listener();
  const json = parseJson(text);
  const succeeded = status >= 200 && status < 300;
  if (succeeded && !text && status !== 204) throw new Problem(); // the body was cut off
  if (succeeded && json !== undefined) return json;
  throw new Problem({ title: `The service answered ${status}`, ...json, status, retryAfter: parseSeconds(retryAfter) });
}

function parseJson(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After is seconds, or a date. */
function parseSeconds(retryAfter) {
  if (!retryAfter) return null;
  const number = Number(retryAfter);
  return Number.isNaN(number) ? Math.max(0, (Date.parse(retryAfter) - Date.now()) / 1000) : number;
}

/** 128 random bits in hex, such as an Idempotency-Key. Not crypto.randomUUID, which plain HTTP does not offer. */
export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
