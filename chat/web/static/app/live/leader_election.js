// Elects one of the browser's tabs as leader. By a Web Lock, which the browser passes on when a tab closes or crashes.
// Without Web Locks (plain HTTP on another machine) by a lease in localStorage that its tab renews. Two leaders for a
// moment do no harm: every tab keeps its own cursor.

import { randomKey } from "../core/api.js";

const RENEW_MS = 1000;
const LEASE_MS = 4000;

/**
 * Calls `begin` when this tab becomes the leader, and `end` when it is not any more.
 * @param {string} name @param {() => void} begin @param {() => void} end
 * @returns {{resign: () => void, seize: () => void}} seize: takes the leadership from a tab that was suspended
 */
export function runForLeader(name, begin, end) {
  return navigator.locks ? electByLock(name, begin, end) : electByLease(name, begin, end);
}

function electByLock(name, begin, end) {
  const resigned = new AbortController();
  /** Gives the lock back while this tab leads. @type {(() => void)|null} */
  let release = null;
  const lose = () => {
    release = null;
    end();
  };
  const request = async (options) => {
    /** @type {(() => void)|null} */
    let ownRelease = null;
    const hold = () => new Promise((resolve) => {
      const giveBack = () => resolve(undefined);
      if (resigned.signal.aborted) return giveBack();
      if (release) lose(); // this tab's place in the queue came up although it had seized the lock
      ownRelease = release = giveBack;
      return begin();
    });
    try {
      await navigator.locks.request(name, options, hold);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
      if (resigned.signal.aborted) return;
      if (ownRelease && ownRelease === release) lose();
      if (!options.steal) queue(); // the tab that seized the lock is in the queue still
    }
  };
  const queue = () => request({ signal: resigned.signal });
  queue();
  const resign = () => {
    resigned.abort();
    release?.();
  };
  return { resign, seize: () => void (release ?? request({ steal: true })) };
}

function electByLease(name, begin, end) {
  const self = randomKey();
  let isLeader = false;
  const check = () => {
    const lease = readLease(name);
    if (lease.holder === self) renew();
    else if (isLeader) lose();
    // Of several writers the last one has the lease at the next check.
    else if (lease.until < Date.now()) writeLease(name, self);
  };
  const renew = () => {
    writeLease(name, self);
    if (!isLeader) begin();
    isLeader = true;
  };
  const lose = () => {
    isLeader = false;
    end();
  };
  const giveBack = () => readLease(name).holder === self && localStorage.removeItem(name);
  const timer = setInterval(check, RENEW_MS);
  addEventListener("pagehide", giveBack);
  check();
  const resign = () => {
    clearInterval(timer);
    removeEventListener("pagehide", giveBack);
    giveBack();
  };
  return { resign, seize: () => {} }; // a suspended tab does not renew its lease
}

function readLease(name) {
  const [holder, until] = (localStorage.getItem(name) ?? " 0").split(" ");
  return { holder, until: Number(until) };
}

function writeLease(name, holder) {
  localStorage.setItem(name, `${holder} ${Date.now() + LEASE_MS}`);
}
