/** Icons drawn by hand on a 20 by 20 grid, in the colour of the text; decoration only, the control beside has the name. */
import { html } from "../../vendor/ui.js";

const PATHS = {
  open: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13M3 12.5h13",
  closed: "M5 9h10v7.5H5zM7 9V6.2a3 3 0 0 1 6 0V9",
  timed: "M5.5 3h9M5.5 17h9M6.5 3c0 4 2.2 5 3.5 7-1.3 2-3.5 3-3.5 7M13.5 3c0 4-2.2 5-3.5 7 1.3 2 3.5 3 3.5 7",
  direct: "M10 10a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 10 10zM3.8 17c.4-3.2 3-5 6.2-5s5.800 1.800 6.200 5",
  search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM13 13l4 4",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5 5 15",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
  members: "M7.500 9.500a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM2.500 16c.3-2.800 2.300-4.300 5-4.300s4.700 1.500 5 4.300M13 4.200a2.600 2.600 0 0 1 0 5.100M14.500 12c1.700.5 2.800 1.900 3 4",
  settings: "M3 6h6M13 6h4M3 14h3M10 14h7M11 6m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0M8 14m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
  invite: "M8 9.500a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM2.800 16c.3-2.800 2.400-4.300 5.200-4.300s4.900 1.500 5.200 4.300M15 6v5M12.500 8.500h5",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.200 1.500H3.800zM8.500 17.500h3",
  browse: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM13 7l-1.800 4.200L7 13l1.800-4.200z",
  write: "M4 16l.800-3.300L13.500 4 16 6.500 7.300 15.200z",
  copy: "M7.500 7.500h8v9h-8zM12.500 7.500v-4h-8v9h3",
  check: "M4 10.500 8 14.500 16 6",
  arrow: "M4 10h12M11 5l5 5-5 5",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7 11.5c.6 1.300 1.700 2 3 2s2.400-.7 3-2M7.500 8h.01M12.500 8h.01",
  reply: "M8 4.500 3.500 9 8 13.500M3.500 9H11c3.500 0 5.500 2.200 5.500 6",
  link: "M8.500 11.500a3 3 0 0 0 4.300 0l2.700-2.700a3 3 0 0 0-4.300-4.300L10 5.700M11.500 8.500a3 3 0 0 0-4.300 0L4.500 11.200a3 3 0 0 0 4.300 4.300L10 14.300",
  trash: "M4 6h12M8 6V4h4v2M5.500 6l.7 10.500h7.600L14.500 6M8.500 9v4.500M11.500 9v4.500",
  clip: "M15.500 9.300 9.700 15a3.500 3.500 0 0 1-5-5l6-6a2.300 2.300 0 0 1 3.300 3.300l-5.800 5.800a1.100 1.100 0 0 1-1.600-1.600L12 6.200",
  send: "M3.500 10h7M3.500 10 2.500 3.500 17.500 10l-15 6.500z",
  down: "M10 4v12M5 11l5 5 5-5",
  file: "M5.500 2.500h6l3.500 3.500v11.500h-9.500zM11.500 2.500V6H15",
  keys: "M2.500 6h15v8.500h-15zM5.500 9h.01M8.500 9h.01M11.500 9h.01M14.500 9h.01M6.500 12h7",
};

/** @param {{name: keyof typeof PATHS}} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

/** Beside the icon of a short-lived room, which does not tell it: that only whoever is invited comes in. */
export function Lock({ room }) {
  if (!room.expires || room.kind !== "closed") return null;
  return html`<span class="lock" title="Closed: only whoever has its invitation comes in"><${Icon} name="closed" /><span class="unseen">closed</span></span>`;
}

/** Which icon stands for a room. */
export function iconOf(room) {
  return room.kind === "direct" ? "direct" : room.expires ? "timed" : room.kind;
}
