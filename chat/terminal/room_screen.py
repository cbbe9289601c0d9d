"""A live room on the whole screen: receives events and signals, keeps the member list, fetches older messages on scroll."""

import asyncio
import threading
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from chat.terminal.background import call_in_loop, run_in_thread
from chat.terminal.client import Client, path
from chat.terminal.composer import Composer
from chat.terminal.errors import Failure
from chat.terminal.layout import STYLE, RoomView, TimelineControl, build_layout
from chat.terminal.rendering import Event, room_title
from chat.terminal.sanitize import safe_line
from chat.terminal.subscription import ConnectionState, Subscription, heartbeat_seconds
from chat.terminal.transports import SubscriptionEnded, explain_end

FIRST_MESSAGES = 100
OLDER_MESSAGES = 200
REFRESH_SECONDS = 5.0  # of the member list: a large room sends no presence signals
TYPING_SECONDS = 6.0  # after the last typing signal
SHOWN_MEMBERS = 500


class RoomScreen:
    """One room on one screen. The subscription has a thread of its own; only the loop's thread changes what is shown."""

    def __init__(self, client: Client, room: dict[str, Any], me: str) -> None:
        self._client = client
        self._room = room
        self._me = me
        self._path = path("room", room["id"])
        self._view = RoomView(title=room_title(room), known={me})
        self._composer = Composer(client, self._path, self._view, self._quit)
        self._timeline = TimelineControl(self._view, self._scroll)
        layout = build_layout(self._view, self._timeline, self._composer.buffer, me)
        self._app: Application[None] = Application(
            layout, style=STYLE, key_bindings=self._key_bindings(), full_screen=True, mouse_support=True
        )
        self._fetching = False
        self._members_changed = asyncio.Event()
        on_state, on_signal = partial(self._in_loop, self._show_state), partial(self._in_loop, self._receive_signal)
        self._subscription = Subscription(client, f"{self._path}/subscribe", on_state, heartbeat=heartbeat_seconds(), on_signal=on_signal)
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        self._subscription.begin()
        page = self._client.get(f"{self._path}/messages", limit=FIRST_MESSAGES)
        for message in page["messages"]:
            if message["id"] <= self._subscription.cursor:  # newer ones come over the subscription
                self._show(message)
        try:
            self._app.run(pre_run=self._start)
        except (KeyboardInterrupt, EOFError):
            return

    def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._follow, daemon=True).start()
        self._app.create_background_task(self._refresh_members())

    def _quit(self, failure: Failure | None = None) -> None:
        """Does nothing the second time: Ctrl-C may be pressed while /leave is on its way."""
        if self._app.is_running and not self._app.is_done:
            self._app.exit(exception=failure) if failure else self._app.exit()

    # The subscription's thread

    def _follow(self) -> None:
        try:
            for event in self._subscription.events():
                self._in_loop(self._receive, event)
        except SubscriptionEnded as ended:
            self._in_loop(self._end, ended.reason)
        except Failure as failure:
            self._in_loop(self._quit, failure)

    def _in_loop(self, function: Any, *arguments: Any) -> None:
        assert self._loop is not None
        call_in_loop(self._loop, function, *arguments)

    # The loop's thread

    def _receive(self, event: Event) -> None:
        self._show(event)
        if event.get("kind") in {"join", "leave", "removed", "banned"}:
            self._members_changed.set()
        if event.get("kind") == "room_changed":
            self._room |= {"name": event["room"]["name"], "topic": event.get("topic")}
            self._view.title = room_title(self._room)
        self._app.invalidate()

    def _show(self, event: Event) -> None:
        self._view.timeline.add(event)
        for user in (event.get("sender"), event.get("user")):
            if user:
                self._view.known.add(safe_line(user["name"]))
                self._view.typing.pop(safe_line(user["name"]), None)

    def _receive_signal(self, kind: str, data: Event) -> None:
        if kind == "presence":
            self._members_changed.set()
        else:
            self._view.typing[safe_line(data["user"]["name"])] = monotonic() + TYPING_SECONDS
            asyncio.get_running_loop().call_later(TYPING_SECONDS, self._app.invalidate)
        self._app.invalidate()

    def _show_state(self, state: ConnectionState, message: str) -> None:
        prefix = "reconnecting: " if state is ConnectionState.RECONNECTING else ""
        self._view.banner = "" if state is ConnectionState.LIVE else prefix + message
        self._app.invalidate()

    def _end(self, reason: str) -> None:
        if failure := explain_end(reason):
            self._quit(failure)
        self._view.banner = "the room is closed: Ctrl-C quits" if reason == "room_closed" else "you have left the room: Ctrl-C quits"
        self._app.invalidate()

    # Members

    async def _refresh_members(self) -> None:
        while True:
            self._members_changed.clear()
            with suppress(Failure):  # the banner or the end of the room shows it
                self._show_members(await run_in_thread(self._client.get, f"{self._path}/members", limit=SHOWN_MEMBERS))
            with suppress(TimeoutError):  # not wait_for: if the event and a cancellation come together, Python 3.11's swallows the latter
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._members_changed.wait()

    def _show_members(self, members: list[dict[str, Any]]) -> None:
        """Always lists the person, whom the service may not have counted yet."""
        names = {safe_line(member["user"]["name"]): bool(member["present"]) for member in members}
        self._view.here = [name for name, present in names.items() if present or name == self._me]
        self._view.known |= names.keys()
        self._app.invalidate()

    # Scrolling

    def _scroll(self, lines: int) -> None:
        timeline = self._view.timeline
        timeline.scroll(lines)
        if lines > 0 and timeline.is_at_top(self._timeline.height) and not self._fetching and timeline.oldest:
            self._fetching = True
            self._app.create_background_task(self._fetch_older(timeline.oldest))
        self._app.invalidate()

    async def _fetch_older(self, before: int) -> None:
        try:
            page = await run_in_thread(self._client.get, f"{self._path}/messages", before=before, limit=OLDER_MESSAGES)
        except Failure:  # The next PageUp tries again.
            self._fetching = False
            return
        self._view.timeline.prepend(page["messages"])
        self._fetching = not page["more"]  # at the beginning of the history nothing is fetched any more
        self._app.invalidate()

    def _key_bindings(self) -> KeyBindings:
        keys = KeyBindings()
        empty = Condition(lambda: not self._composer.buffer.text)
        keys.add("enter")(lambda _: self._composer.submit())
        keys.add("c-c")(lambda _: self._quit())
        keys.add("c-d", filter=empty)(lambda _: self._quit())
        keys.add("pageup")(lambda _: self._scroll(max(1, self._timeline.height - 1)))
        keys.add("pagedown")(lambda _: self._scroll(-max(1, self._timeline.height - 1)))
        keys.add("end", filter=empty)(lambda _: self._scroll(-self._view.timeline.offset))
        keys.add("tab")(_complete)
        return keys


def _complete(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    if buffer.complete_state:
        buffer.complete_next()
    else:
        buffer.start_completion(insert_common_part=True)
