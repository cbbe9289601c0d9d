"""The load of a run: posters, followers and a prober of /readyz, in a thread of their own."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import httpx

from chat.audit.connection import Address
from faults.client import Person, ask, request
from faults.evidence import Follower, Post, Probe
from faults.followers import Following
from faults.posters import Poster
from faults.processes import TooLate, wait_for

PROBE_EVERY_SECONDS = 0.25
PROBE_SECONDS = 5.0
WELL_SECONDS = 3.0  # of posts, deliveries and probes without a fault, before the run goes on
WARM_SECONDS = 30.0
LAST_POST_SECONDS = 40.0
ARRIVAL_SECONDS = 15.0
CALL_SECONDS = 90.0

Result = TypeVar("Result")


@dataclass(frozen=True)
class Size:
    """How much load there is; pause: mean seconds between two posts of one poster. padding: characters added to each text."""

    people: int = 6
    rooms: int = 2
    keyed: int = 8
    unkeyed: int = 4
    pause: float = 0.3
    streams: int = 12
    polls: int = 6
    latecomers: int = 4
    padding: int = 0


class Load:
    """Starts and stops from the caller's thread; everything else runs in the load's own."""

    def __init__(self, url: str, size: Size) -> None:
        self.posters: list[Poster] = []
        self.followings: list[Following] = []
        self.probes: list[Probe] = []
        self.people: list[Person] = []
        self.rooms: list[int] = []
        self.start_cursor = 0
        self._url = url
        self.address = Address.of(url)
        self._size = size
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="load", daemon=True)
        self._posting: list[Future[None]] = []
        self._others: list[Future[None]] = []

    def start(self) -> None:
        """Returns when posts are accepted and arrive."""
        self._sign_up()
        self._thread.start()
        self.followings = [self._follower(number) for number in range(self._size.streams + self._size.polls)]
        self._others = [self._spawn(one.run()) for one in self.followings]
        self._others.append(self._spawn(self._probe_on_and_on()))
        self.posters = [self._poster(number) for number in range(self._size.keyed + self._size.unkeyed)]
        self._posting = [self._spawn(poster.run()) for poster in self.posters]
        wait_for(self.is_well, WARM_SECONDS, "posts and deliveries before the fault")

    def is_well(self) -> bool:
        """At this moment: the newest probes said 200, posters are answered, and followers have what was accepted a second ago."""
        recent, now = self.probes[-4:], monotonic()
        if len(recent) < 4 or any(probe.result != "200" for probe in recent) or recent[-1].begun < now - 2:
            return False
        if not all(poster.answered_since(now - WELL_SECONDS) for poster in self.posters):
            return False
        return all((one.seen.cursor or 0) >= self._accepted_before(now - 1.0) for one in self.followings if not one.seen.late)

    def wait_until_well(self, patience: float) -> bool:
        """Well for some seconds without a break."""
        end, since = monotonic() + patience, None
        while monotonic() < end:
            since = (since or monotonic()) if self.is_well() else None
            if since and monotonic() - since > WELL_SECONDS:
                return True
            threading.Event().wait(0.1)
        return False

    def add_latecomers(self) -> None:
        """Clients that want everything since the load began."""
        for number in range(self._size.latecomers):
            one = self._follower(number, late=True)
            self.followings.append(one)
            self._others.append(self._spawn(one.run()))

    def stop_posting(self) -> list[Post]:
        """Every post that is under way gets its answer, within a deadline."""
        for poster in self.posters:
            self._loop.call_soon_threadsafe(poster.stop)
        end = monotonic() + LAST_POST_SECONDS
        for posting in self._posting:
            try:
                posting.result(max(0.0, end - monotonic()))
            except TimeoutError:
                posting.cancel()
        return [post for poster in self.posters for post in poster.posts if post.attempts]

    def wait_for_arrival(self, newest: dict[int, int]) -> bool:
        """newest: of each room. False if somebody did not get there within the deadline."""
        try:
            wait_for(lambda: all(_arrived(one.seen, newest) for one in self.followings), ARRIVAL_SECONDS, "followers at the head")
        except TooLate:
            return False
        return True

    def stop(self) -> list[Follower]:
        """Ends all clients. Harmless a second time."""
        if self._thread.is_alive():
            self.call(self._end_all())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
        return [one.seen for one in self.followings]

    async def _end_all(self) -> None:
        for one in self.followings:
            one.finish()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.wait(others, timeout=5)

    def call(self, work: Coroutine[Any, Any, Result], within: float = CALL_SECONDS) -> Result:
        """Runs it among the clients of the load."""
        return self._spawn(work).result(within)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs it until the load stops."""
        self._others.append(self._spawn(work))

    def _spawn(self, work: Coroutine[Any, Any, Result]) -> "Future[Result]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _accepted_before(self, moment: float) -> int:
        """The newest id that a poster knew by then."""
        accepted = [post.accepted for poster in self.posters for post in poster.posts[-6:]]
        return max((one.id or 0 for one in accepted if one and one.ended < moment), default=0)

    def _sign_up(self) -> None:
        with httpx.Client(base_url=f"{self._url}/api/v1", timeout=30, trust_env=False) as http:
            for number in range(self._size.people):
                user = http.post("/users", json={"name": f"person-{number}", "password": "correct horse battery"}).raise_for_status().json()
                http.cookies.clear()
                self.people.append(Person(user["user"]["id"], user["token"]))
            headers = {"Authorization": f"Bearer {self.people[0].token}"}
            for number in range(self._size.rooms):
                room = http.post("/rooms", json={"name": f"room-{number}"}, headers=headers).raise_for_status().json()
                self.rooms.append(room["id"])
            self.start_cursor = http.get("/subscribe", headers=headers).raise_for_status().json()["cursor"]

    def _poster(self, number: int) -> Poster:
        keyed = number < self._size.keyed
        name = f"{'keyed' if keyed else 'unkeyed'} {number}".replace(" ", "-")
        person, room = self.people[number % len(self.people)], self.rooms[number % len(self.rooms)]
        return Poster(name, person, room, self.address, self._size.pause, keyed=keyed, padding=self._size.padding)

    def _follower(self, number: int, *, late: bool = False) -> Following:
        """Of four on streams one is patient, one leaves by itself now and then, two are as a page is."""
        by_stream = number % 2 == 0 if late else number < self._size.streams
        rooms = [self.rooms[:1], self.rooms[-1:], self.rooms][number % 3]
        name = f"{'latecomer' if late else 'follower'} {number}"
        seen = Follower(name, "SSE" if by_stream else "long poll", list(rooms), late, self.start_cursor, self.start_cursor)
        person = self.people[number % len(self.people)]
        return Following(seen, person, self.address, patient=number % 4 == 0, stays=3.0 if number % 4 == 1 else 0.0)

    async def _probe_on_and_on(self) -> None:
        """One probe after the other begins, whether or not those before have ended."""
        due = monotonic()
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._probe())
                due += PROBE_EVERY_SECONDS
                await asyncio.sleep(max(0.0, due - monotonic()))

    async def _probe(self) -> None:
        path = f"{self.address.base}/readyz"
        reply = await ask(self.address, request(self.address, "GET", path), PROBE_SECONDS)
        self.probes.append(Probe(reply.begun, reply.ended - reply.begun, reply.result, _state(reply.body)))


def _state(body: bytes) -> str:
    """What a body of /readyz says beside the status."""
    try:
        values = json.loads(body)
        return (
            str(values.get("status") if isinstance(values.get("status"), str) else values.get("title") or "")
            if isinstance(values, dict)
            else ""
        )
    except ValueError:
        return ""


def _arrived(seen: Follower, newest: dict[int, int]) -> bool:
    return (seen.cursor or 0) >= max((newest.get(room, 0) for room in seen.rooms), default=0)
