"""The prompt of an open room: sends messages, runs the commands that begin with a slash, completes names."""

import asyncio
import re
from collections.abc import Callable, Iterable

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chat.terminal.background import run_in_thread
from chat.terminal.client import Client
from chat.terminal.errors import Failure
from chat.terminal.layout import RoomView
from chat.terminal.sanitize import safe_line

COMMANDS = {
    "/help": "lists these commands",
    "/who": "lists who is here",
    "/leave": "leaves the room",
    "/quit": "closes the screen; you stay a member",
}
KEYS_HELP = "PageUp, PageDown and the mouse wheel scroll; Tab completes a name after @; Ctrl-C and Ctrl-D quit"


class Composer:
    """`path` is the room's. Messages are sent in the order in which they were typed."""

    def __init__(self, client: Client, path: str, view: RoomView, quit_screen: Callable[[], None]) -> None:
        self.buffer = Buffer(completer=NameCompleter(view), multiline=False)
        self._client = client
        self._path = path
        self._view = view
        self._quit_screen = quit_screen
        self._sending = asyncio.Lock()

    def submit(self) -> None:
        text = self.buffer.text
        self.buffer.reset(append_to_history=True)
        self._view.timeline.offset = 0
        if text.startswith("/"):
            self._run_command(text.strip())
        elif text.strip():
            get_app().create_background_task(self._send(text))

    def _run_command(self, command: str) -> None:
        if command == "/quit":
            self._quit_screen()
        elif command == "/leave":
            get_app().create_background_task(self._leave())
        elif command == "/who":
            self._note(f"here: {', '.join(self._view.here) or 'not known yet'}")
        else:
            self._help(command)

    def _help(self, command: str) -> None:
        if command != "/help":
            self._note(f"{safe_line(command)} is not known here")
        for name, description in COMMANDS.items():
            self._note(f"{name:8}{description}")
        self._note(KEYS_HELP)

    async def _send(self, text: str) -> None:
        """The message is shown when it comes back as an event, at its place among the others."""
        try:
            async with self._sending:
                await run_in_thread(self._client.send_message, f"{self._path}/messages", text)
        except Failure as failure:
            self._note(f"not sent: {failure.message}")
            self._restore(text)
        finally:
            get_app().invalidate()

    def _restore(self, text: str) -> None:
        """Puts the text back into the prompt, or shows it above if another text is being typed."""
        if self.buffer.text:
            self._note(f"it was: {safe_line(text)}")
        else:
            self.buffer.text = text
            self.buffer.cursor_position = len(text)

    async def _leave(self) -> None:
        try:
            await run_in_thread(self._client.call, "DELETE", f"{self._path}/members/me")
        except Failure as failure:
            self._note(f"not left: {failure.message}")
            get_app().invalidate()
        else:
            self._quit_screen()

    def _note(self, text: str) -> None:
        self._view.timeline.note(text)


class NameCompleter(Completer):
    """Completes names after an @, and commands at the beginning of the line."""

    def __init__(self, view: RoomView) -> None:
        self._view = view

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        before = document.text_before_cursor
        if re.fullmatch(r"/\w*", before):
            for name, description in COMMANDS.items():
                if name.startswith(before):
                    yield Completion(name, -len(before), display_meta=description)
        if match := re.search(r"@([\w.\-]*)$", before):
            prefix = match[1].casefold()
            names = sorted(name for name in self._view.known | set(self._view.here) if name.casefold().startswith(prefix))
            yield from (Completion(f"{name} ", -len(match[1]), display=name) for name in names)
