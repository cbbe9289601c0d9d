// The user's sessions, and the way to end them.

import { html, useEffect, useSignal } from "../../../vendor/ui.js";
import { call } from "../../core/api.js";
import { ConfirmButton, callWithToast } from "../common/form.js";
import { formatAgo } from "../common/time.js";

export function SessionList() {
  const sessions = useSignal(/** @type {any[]} */ ([]));
  const load = () => call("GET", "/sessions").then((list) => (sessions.value = currentFirst(list)), () => undefined);
  useEffect(() => void load(), []);
  const end = async (session) => {
    if (await callWithToast("DELETE", `/session/${session.id}`)) await load();
  };
  return html`<section>
    <h3>Your sessions</h3>
    <ul class="sessions">
      ${sessions.value.map((one) => html`<${SessionItem} key=${one.id} session=${one} onEnd=${() => end(one)} />`)}
    </ul>
  </section>`;
}

function SessionItem({ session: { agent, current, seen_at, address }, onEnd }) {
  return html`<li>
    <span><b>${deviceName(agent)}</b> <small>${current ? "this one" : formatAgo(seen_at)} · ${address}</small></span>
    ${!current && html`<${ConfirmButton} className="small" label="End" question="Sure?" onConfirm=${onEnd} />`}
  </li>`;
}

function currentFirst(list) {
  return list.toSorted((one, other) => other.current - one.current);
}

const BROWSERS = [
  [/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"],
  [/curl\//, "curl"],
];
const SYSTEMS = [
  [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS/, "macOS"], [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** The browser and system that a User-Agent header names. */
function deviceName(agent) {
  const nameIn = (list) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
  if (!browser) return agent.slice(0, 40) || "Unknown";
  return system ? `${browser} on ${system}` : browser;
}
