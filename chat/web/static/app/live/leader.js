// One of the tabs leads. By a Web Lock, which the browser gives on when a tab closes or crashes; where there is none
// (plain HTTP on another machine), by a lease in localStorage that is renewed while its tab lives. Two leaders for a moment
// do no harm: every tab goes by its own cursor.

import { newKey } from "../core/api.js";

const RENEW_MS = 1000;
const LEASE_MS = 4000;

/** Calls `begin` when this tab leads, and `end` if it does not any more. Returns what gives it up. */
export function lead(name, begin, end) {
  return navigator.locks ? byLock(name, begin) : byLease(name, begin, end);
}

function byLock(name, begin) {
  const given = new AbortController();
  let release = () => given.abort();
  const held = () => new Promise((resolve) => {
    release = resolve;
    begin();
  });
  navigator.locks.request(name, { signal: given.signal }, held).catch((error) => {
    if (error.name !== "AbortError") throw error;
  });
  return () => release();
}

function byLease(name, begin, end) {
  const self = newKey();
  let leads = false;
  const look = () => {
    const lease = read(name);
    if (lease.holder === self) renew();
    else if (leads) lose();
    else if (lease.until < Date.now()) write(name, self); // whose write is the last has it at the next look
  };
  const renew = () => {
    write(name, self);
    if (!leads) begin();
    leads = true;
  };
  const lose = () => {
    leads = false;
    end();
  };
  const resign = () => read(name).holder === self && localStorage.removeItem(name);
  const timer = setInterval(look, RENEW_MS);
  addEventListener("pagehide", resign);
  look();
  return () => {
    clearInterval(timer);
    removeEventListener("pagehide", resign);
    resign();
  };
}

function read(name) {
  const [holder, until] = (localStorage.getItem(name) ?? " 0").split(" ");
  return { holder, until: Number(until) };
}

function write(name, holder) {
  localStorage.setItem(name, `${holder} ${Date.now() + LEASE_MS}`);
}
