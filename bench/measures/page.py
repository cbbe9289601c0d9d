"""The page: what a first visit loads, when it can be used, and whether it stays smooth while many messages come.

A slow phone here is Lighthouse's mobile one: a processor four times slower than this machine's, and a network that is 150 ms away and
carries 1.6 Mbit/s down and 750 kbit/s up. Usable is from the navigation's start until the newest message and the field to write in stand
and a frame has been drawn with them, in a browser that has never been here. Smooth is frames a second by requestAnimationFrame, of at
most 60, while messages come at a rate; a late frame took more than half as long again as it should. What a page held open grows by is
its heap after a collection, and its nodes."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from bench.people import create_rooms
from bench.stage import Invalid, Stage
from bench.table import Row
from tests.harness.browser import COOKIE, launched

FIRST_VISIT_BYTES = 100_000
USABLE_SECONDS = 1.0
FRAMES = 60
FRAME_MS = 1000 / FRAMES
RATE = 50  # messages a second
SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
BEFORE = 60  # messages that the room has
HELD_OPEN = 3_000  # messages that a page is told of, for its growth
WORDS = "the deploy is **through**, all `9,412` streams came back by themselves and nobody noticed: https://example.org/"

STANDS = """(id) => new Promise((done) => {
  const stands = () => document.querySelector(`[data-id="${id}"]`) && document.querySelector("textarea");
  const look = () => (stands() ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look));
  look();
})"""
PAINTED = """() => new Promise((done) => {
  const told = (list) => list.getEntriesByName("first-contentful-paint").forEach((entry) => done(entry.startTime));
  new PerformanceObserver(told).observe({ type: "paint", buffered: true });
})"""
INTERVALS = """(ms) => new Promise((done) => {
  const intervals = [];
  let last = performance.now();
  const end = last + ms;
  const frame = (now) => {
    intervals.push(now - last);
    last = now;
    if (now < end) requestAnimationFrame(frame);
    else done(intervals.slice(1));
  };
  requestAnimationFrame(frame);
})"""


def page(stage: Stage, runs: int, seconds: float) -> Iterator[Row]:
    reader, writer = stage.people(2)
    with _signed_in(stage, reader) as reads, _signed_in(stage, writer) as writes, launched() as browser:
        room = create_rooms(stage.service.url, writer, 1)[0]
        reads.post(f"/api/v1/room/{room}/members", json={}).raise_for_status()
        visit = Visit(browser, stage.service.url, reader, reads, writes, room)
        for number in range(BEFORE):
            visit.say(number)
        yield from _first_visits(visit, runs)
        yield _smooth("frames a second on a desk", visit, DESKTOP, 1, seconds, runs, FRAMES - 1)
        yield _smooth("frames a second on a slow phone", visit, PHONE, SLOWER, seconds, runs)
        yield from _growth(visit)


class Visit:
    """A reader of a room, in browsers that have never opened it, and a writer."""

    def __init__(self, browser: Browser, url: str, reader: str, reads: httpx.Client, writes: httpx.Client, room: int) -> None:
        self._browser, self._url, self._reader, self._reads, self._writes, self._room = browser, url, reader, reads, writes, room

    def say(self, number: int) -> int:
        """Posts a message and returns its id."""
        answer = self._writes.post(f"/api/v1/room/{self._room}/messages", json={"text": f"{number}: {WORDS}{number}"})
        return int(answer.raise_for_status().json()["id"])

    @contextmanager
    def by(self, device: dict[str, Any], slower: int = 1, network: dict[str, Any] | None = None) -> Iterator[tuple[Page, CDPSession]]:
        context = self._browser.new_context(**device)
        context.add_cookies([{"name": COOKIE, "value": self._reader, "url": self._url}])
        try:
            yield self._slowed(context, slower, network)
        finally:
            context.close()

    def _slowed(self, context: BrowserContext, slower: int, network: dict[str, Any] | None) -> tuple[Page, CDPSession]:
        tab = context.new_page()
        devtools = context.new_cdp_session(tab)
        devtools.send("Network.enable")
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        if network:
            devtools.send("Network.emulateNetworkConditions", network)
        return tab, devtools

    def goes(self, tab: Page) -> float:
        """Opens the room, in which only the last message is unread. Returns the seconds until it is usable."""
        newest = self.say(0)
        self._reads.put(f"/api/v1/room/{self._room}/read", json={"id": newest - 1}).raise_for_status()
        tab.goto(f"{self._url}/r/{self._room}", wait_until="commit")
        return float(tab.evaluate(STANDS, newest)) / 1000

    @contextmanager
    def busy(self, rate: float) -> Iterator[None]:
        """Posts at an even pace inside the block. Raises Invalid if the service was slower than that."""
        over = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            posting = thread.submit(self._pour, rate, over)
            try:
                yield
            finally:
                over.set()
            posted, took = posting.result()
        if posted < 0.9 * rate * took:
            raise Invalid(f"only {posted / took:.0f} messages a second were posted, not {rate:g}")

    def _pour(self, rate: float, over: threading.Event) -> tuple[int, float]:
        begun, posted = time.monotonic(), 0
        while not over.wait(max(0.0, begun + posted / rate - time.monotonic())):
            self.say(posted)
            posted += 1
        return posted, time.monotonic() - begun


def _first_visits(visit: Visit, runs: int) -> Iterator[Row]:
    loaded, usable, painted = [], [], []
    for _ in range(runs):
        with visit.by(PHONE, SLOWER, NETWORK) as (tab, devtools):
            sizes: list[float] = []
            devtools.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
            usable.append(visit.goes(tab))
            painted.append(float(tab.evaluate(PAINTED)) / 1000)
            loaded.append(sum(sizes))
    yield Row("loaded by a first visit", median(loaded), "bytes", below=FIRST_VISIT_BYTES, note="headers with it, until the page is usable")
    note = f"first paint {median(painted):.2f} s; {min(usable):.2f} to {max(usable):.2f}"
    yield Row("usable on a slow phone", median(usable), "s", below=USABLE_SECONDS, note=note)


def _smooth(what: str, visit: Visit, device: dict[str, Any], slower: int, seconds: float, runs: int, above: float | None = None) -> Row:
    rates, late = [], []
    for _ in range(runs):
        with visit.by(device, slower) as (tab, _):
            visit.goes(tab)
            with visit.busy(RATE):
                intervals: list[float] = tab.evaluate(INTERVALS, 1000 * seconds)
            rates.append(1000 * len(intervals) / sum(intervals))
            late.append(sum(interval > 1.5 * FRAME_MS for interval in intervals) / len(intervals))
    note = f"while {RATE} messages a second come; {median(late):.1%} of the frames late"
    return Row(what, median(rates), "frames/s", above=above, note=note)


def _growth(visit: Visit) -> Iterator[Row]:
    """Sends two equal crowds of messages. The first fills what the page keeps, so only the second shows growth."""
    with visit.by(DESKTOP) as (tab, devtools):
        visit.goes(tab)
        devtools.send("Performance.enable")
        before, after = (_filled(visit, tab, devtools) for _ in range(2))
        note = f"{before[0] / 1e6:.1f} MB before; nodes {before[1]:,.0f} before, {after[1]:,.0f} after"
        yield Row(f"heap grown by {HELD_OPEN:,} messages", (after[0] - before[0]) / 1e6, "MB", below=1.0, note=note)


def _filled(visit: Visit, tab: Page, devtools: CDPSession) -> tuple[float, float]:
    """Returns bytes of heap and nodes of the document after HELD_OPEN more messages."""
    with ThreadPoolExecutor(8) as threads:
        newest = max(threads.map(visit.say, range(HELD_OPEN)))
    tab.evaluate(STANDS, newest)
    devtools.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"], metrics["Nodes"]


def _signed_in(stage: Stage, token: str) -> httpx.Client:
    return httpx.Client(base_url=stage.service.url, headers={"Authorization": f"Bearer {token}"})
