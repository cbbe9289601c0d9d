// One of the tabs leads. By a Web Lock, which the browser gives on when a tab closes or crashes; where there is none
// (plain HTTP on another machine), by a lease in localStorage that is renewed while its tab lives. Two leaders for a moment
// do no harm: every tab goes by its own cursor.

import { newKey } from "../core/api.js";

const RENEW_MS = 1000;
const LEASE_MS = 4000;

/** Calls `begin` when this tab leads, and `end` if it does not any more.
 *  @returns {{resign: () => void, seize: () => void}} what gives it up, and what takes it from a tab that was suspended with it */
export function lead(name, begin, end) {
  return navigator.locks ? byLock(name, begin, end) : byLease(name, begin, end);
}

function byLock(name, begin, end) {
  const resigned = new AbortController();
  let release = null; // while this tab leads
  const lose = () => {
    release = null;
    end();
  };
  const queue = () => ask({ signal: resigned.signal });
  const ask = async (options) => {
    let own = null;
    const hold = () => new Promise((resolve) => {
      if (resigned.signal.aborted) return resolve();
      if (release) lose(); // this very tab's turn had come when it seized
      own = release = resolve;
      return begin();
    });
    try {
      await navigator.locks.request(name, options, hold);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      if (resigned.signal.aborted) return;
      if (own && own === release) lose();
      if (!options.steal) queue(); // who has seized it is in the queue still
    }
  };
  queue();
  const resign = () => {
    resigned.abort();
    release?.();
  };
  return { resign, seize: () => void (release ?? ask({ steal: true })) };
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
  const stop = () => {
    clearInterval(timer);
    removeEventListener("pagehide", resign);
    resign();
  };
  return { resign: stop, seize: () => {} }; // a tab that is suspended does not renew it
}

function read(name) {
  const [holder, until] = (localStorage.getItem(name) ?? " 0").split(" ");
  return { holder, until: Number(until) };
}

function write(name, holder) {
  localStorage.setItem(name, `${holder} ${Date.now() + LEASE_MS}`);
}
