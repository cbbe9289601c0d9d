"""`open ROOM`: a live room on the whole screen, for as long as one stays."""

import asyncio
import sys
import threading
from contextlib import suppress
from time import monotonic
from typing import Any

import click
from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from chat.terminal.aside import aside, in_loop
from chat.terminal.cleaning import on_one_line
from chat.terminal.client import Client, path
from chat.terminal.failures import Failure
from chat.terminal.following import Ended, Event, Follower, Link, heartbeat_seconds, reason_in_words
from chat.terminal.naming import ROOM
from chat.terminal.rooms import enter
from chat.terminal.screen import COMMANDS, STYLE, Names, TranscriptControl, View, layout
from chat.terminal.telling import room_in_words
from chat.terminal.terminal import Terminal, command

FIRST_MESSAGES = 100
OLDER_MESSAGES = 200
MEMBERS_SECONDS = 5.0  # a large room does not tell who comes and goes: who is here is looked up again so often
TYPING_SECONDS = 6.0  # after the last word of it
SHOWN_MEMBERS = 500
KEYS_HELP = "PageUp, PageDown and the wheel scroll; Tab completes a name after @; Ctrl-C and Ctrl-D go"


@click.command(name="open")
@click.argument("room", type=ROOM, metavar="ROOM|KEY")
@command
def open_room(terminal: Terminal, room: str) -> None:
    """Be in a room: what is said above, a prompt below. Joins it if need be.

    /help says what one can do there; Ctrl-C or Ctrl-D leaves the screen as it was, with exit code 0."""
    if terminal.output.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("open is for a terminal: `chat tail` is for programs")
    found = enter(terminal.client, room)
    me = terminal.client.get(path("session"))["user"]["name"]
    OpenRoom(terminal.client, found, on_one_line(me)).run()


class OpenRoom:
    """One room on one screen. The follower has a thread of its own; everything that is shown is changed in the loop's."""

    def __init__(self, client: Client, room: dict[str, Any], me: str) -> None:
        self._client = client
        self._room = room
        self._me = me
        self._path = path("room", room["id"])
        self._view = View(title=_title(room), known={me})
        self._prompt = Buffer(completer=Names(self._view), multiline=False)
        self._shown = TranscriptControl(self._view, self._scroll)
        self._app: Application[None] = Application(
            layout(self._view, self._shown, self._prompt, me), style=STYLE, key_bindings=self._keys(), full_screen=True, mouse_support=True
        )
        self._sending = asyncio.Lock()  # in the order of their writing
        self._fetching = False
        self._members_changed = asyncio.Event()
        self._follower = Follower(
            client, f"{self._path}/subscribe", self._notified, heartbeat=heartbeat_seconds(), whispered=self._whispered
        )
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        self._follower.begin()
        page = self._client.get(f"{self._path}/messages", limit=FIRST_MESSAGES)
        for message in page["messages"]:
            if message["id"] <= self._follower.cursor:  # the others come with the stream
                self._show(message)
        try:
            self._app.run(pre_run=self._begin)
        except (KeyboardInterrupt, EOFError):
            return

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._follow, daemon=True).start()
        self._app.create_background_task(self._keep_members())

    # What comes

    def _follow(self) -> None:
        """In a thread of its own: what it hears it hands over to the loop."""
        try:
            for event in self._follower.events():
                self._in_loop(self._heard, event)
        except Ended as ended:
            self._in_loop(self._ended, ended.reason)
        except Failure as failure:
            self._in_loop(self._failed, failure)

    def _in_loop(self, function: Any, *arguments: Any) -> None:
        assert self._loop is not None
        in_loop(self._loop, function, *arguments)

    def _heard(self, event: Event) -> None:
        self._show(event)
        if event.get("kind") in {"join", "leave", "removed", "banned"}:
            self._members_changed.set()
        if event.get("kind") == "room_changed":
            self._room |= {"name": event["room"]["name"], "topic": event.get("topic")}
            self._view.title = _title(self._room)
        self._app.invalidate()

    def _show(self, event: Event) -> None:
        self._view.transcript.add(event)
        for who in (event.get("sender"), event.get("user")):
            if who:
                self._view.known.add(on_one_line(who["name"]))
                self._view.typing.pop(on_one_line(who["name"]), None)

    def _whispered(self, kind: str, data: Event) -> None:
        self._in_loop(self._came_or_types, kind, data)

    def _came_or_types(self, kind: str, data: Event) -> None:
        if kind == "presence":
            self._members_changed.set()
        else:
            self._view.typing[on_one_line(data["user"]["name"])] = monotonic() + TYPING_SECONDS
            asyncio.get_running_loop().call_later(TYPING_SECONDS, self._app.invalidate)
        self._app.invalidate()

    def _notified(self, link: Link, words: str) -> None:
        self._in_loop(self._link_changed, link, words)

    def _link_changed(self, link: Link, words: str) -> None:
        self._view.banner = "" if link is Link.LIVE else "reconnecting: " * (link is Link.AWAY) + words
        self._app.invalidate()

    def _ended(self, reason: str) -> None:
        failure = reason_in_words(reason)
        if failure:
            self._failed(failure)
        self._view.banner = "the room is closed: Ctrl-C goes" if reason == "room_closed" else "one has left the room: Ctrl-C goes"
        self._app.invalidate()

    def _failed(self, failure: Failure) -> None:
        if self._goes():
            self._app.exit(exception=failure)

    def _go(self) -> None:
        if self._goes():
            self._app.exit()

    def _goes(self) -> bool:
        """Not twice: somebody may press Ctrl-C while /leave is on its way."""
        return self._app.is_running and not self._app.is_done

    async def _keep_members(self) -> None:
        while True:
            self._members_changed.clear()
            try:
                found = await aside(self._client.get, f"{self._path}/members", limit=SHOWN_MEMBERS)
            except Failure:  # The link's banner says so, or the room's end does.
                found = None
            if found is not None:
                self._count(found)
            await self._members_time()

    def _count(self, members: list[dict[str, Any]]) -> None:
        """One sees oneself here also in the moment before the service has counted it."""
        names = {on_one_line(member["user"]["name"]): bool(member["present"]) for member in members}
        self._view.here = [name for name, present in names.items() if present or name == self._me]
        self._view.known |= names.keys()
        self._app.invalidate()

    async def _members_time(self) -> None:
        """Not by wait_for: when the thing and the cancelling of the task come together, Python 3.11's swallows the latter."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MEMBERS_SECONDS):
                await self._members_changed.wait()

    # What is typed

    def _entered(self) -> None:
        text = self._prompt.text
        self._prompt.reset(append_to_history=True)
        self._view.transcript.offset = 0
        if text.startswith("/"):
            self._obey(text.strip())
        elif text.strip():
            self._app.create_background_task(self._send(text))

    def _obey(self, typed: str) -> None:
        if typed == "/quit":
            self._go()
        elif typed == "/leave":
            self._app.create_background_task(self._leave())
        elif typed == "/who":
            self._view.transcript.note(f"here: {', '.join(self._view.here) or 'nobody that is known of'}")
        else:
            self._help(typed)

    def _help(self, typed: str) -> None:
        if typed != "/help":
            self._view.transcript.note(f"{on_one_line(typed)} is not known here")
        for name, says in COMMANDS.items():
            self._view.transcript.note(f"{name:8}{says}")
        self._view.transcript.note(KEYS_HELP)

    async def _send(self, text: str) -> None:
        """What is sent is shown when it comes back, at its place among what others say."""
        try:
            async with self._sending:
                await aside(self._client.send, f"{self._path}/messages", text)
        except Failure as failure:
            self._view.transcript.note(f"not sent: {failure.message}")
            self._give_back(text)
        finally:
            self._app.invalidate()

    def _give_back(self, text: str) -> None:
        """To the prompt; where something else is being written there, it stands above."""
        if self._prompt.text:
            self._view.transcript.note(f"it was: {on_one_line(text)}")
        else:
            self._prompt.text = text
            self._prompt.cursor_position = len(text)

    async def _leave(self) -> None:
        try:
            await aside(self._client.call, "DELETE", f"{self._path}/members/me")
        except Failure as failure:
            self._view.transcript.note(f"not left: {failure.message}")
            self._app.invalidate()
        else:
            self._go()

    # What is read again

    def _scroll(self, lines: int) -> None:
        transcript = self._view.transcript
        transcript.scroll(lines)
        if lines > 0 and transcript.is_at_top(self._shown.height) and not self._fetching and transcript.oldest:
            self._fetching = True
            self._app.create_background_task(self._fetch_older(transcript.oldest))
        self._app.invalidate()

    async def _fetch_older(self, before: int) -> None:
        try:
            page = await aside(self._client.get, f"{self._path}/messages", before=before, limit=OLDER_MESSAGES)
        except Failure:  # PageUp asks again.
            self._fetching = False
            return
        self._view.transcript.put_before(page["messages"])
        self._fetching = not page["more"]  # at the beginning of all there is nothing left to ask for
        self._app.invalidate()

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        empty = Condition(lambda: not self._prompt.text)
        keys.add("enter")(lambda _: self._entered())
        keys.add("c-c")(lambda _: self._go())
        keys.add("c-d", filter=empty)(lambda _: self._go())
        keys.add("pageup")(lambda _: self._scroll(max(1, self._shown.height - 1)))
        keys.add("pagedown")(lambda _: self._scroll(-max(1, self._shown.height - 1)))
        keys.add("end", filter=empty)(lambda _: self._scroll(-self._view.transcript.offset))
        keys.add("tab")(_complete)
        return keys


def _complete(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    if buffer.complete_state:
        buffer.complete_next()
    else:
        buffer.start_completion(insert_common_part=True)


def _title(room: dict[str, Any]) -> str:
    topic = on_one_line(str(room.get("topic") or ""))
    return f"{room_in_words(room)} · {topic}" if topic else room_in_words(room)
