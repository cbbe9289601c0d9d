"""The operator's commands, which call the admin interface at ADMIN_URL with the key in CHAT_ADMIN_KEY. A key is never an argument."""

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from chat.terminal.client import Client, path, without_none
from chat.terminal.command_groups import HeadedGroup
from chat.terminal.config import checked_url
from chat.terminal.context import lookup
from chat.terminal.errors import NotSignedIn
from chat.terminal.output import Column, Output, hint, size, time
from chat.terminal.prompts import confirm, yes_option
from chat.terminal.references import ROOM, USER
from chat.terminal.sanitize import safe_line

DEFAULT_URL = "http://127.0.0.1:8090"  # the service's default ADMIN_BIND
HOW_TO_GET_A_KEY = "chat admin key add NAME, on the service's machine, makes one"
NO_KEY = f"the admin interface needs a key in CHAT_ADMIN_KEY: {HOW_TO_GET_A_KEY}"
WRONG_KEY = f"the key in CHAT_ADMIN_KEY is not one of this service's, or has ended: {HOW_TO_GET_A_KEY}"


@click.group(cls=HeadedGroup, lazy={"key": ("Commands", "chat.cli.admin_keys:keys")})
def admin() -> None:
    """Administer a service: its rooms, users, streams, announcements, audit log and keys.

    The address is in ADMIN_URL (default http://127.0.0.1:8090), the key in CHAT_ADMIN_KEY."""


class AdminContext:
    """The admin interface, and the output for its answers."""

    def __init__(self, url: str | None, *, as_json: bool) -> None:
        key = os.environ.get("CHAT_ADMIN_KEY", "")
        if not key:
            raise NotSignedIn(NO_KEY)
        self.output = Output(as_json=as_json)
        self._client = Client(checked_url(url or os.environ.get("ADMIN_URL") or DEFAULT_URL), {"X-API-Key": key}, WRONG_KEY)

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = self._client.call(method, path, **more)
        return answer.get("data", answer) if isinstance(answer, dict) else answer

    def do(self, method: str, path: str, message: str, **more: Any) -> None:
        data = self.call(method, path, **more)
        self.output.result(data if data is not None else {"done": message}, message)

    def list_all(self, path: str, columns: Sequence[Column]) -> None:
        self.output.table(list(self._client.list_all(path)), columns)


def admin_command(function: Callable[..., None]) -> click.Command:
    """Makes a command of this group. Adds --json and --url, and passes an AdminContext as the first argument."""

    @click.option("--json", "as_json", is_flag=True, help="For programs: print one JSON document.")
    @click.option("--url", metavar="URL", help="The admin interface's address (or ADMIN_URL).")
    @functools.wraps(function)
    def wrapped(as_json: bool, url: str | None, **arguments: Any) -> None:
        function(AdminContext(url, as_json=as_json), **arguments)

    return admin.command(name=function.__name__.removeprefix("admin_").replace("_", "-"))(wrapped)


@admin_command
def admin_rooms(context: AdminContext) -> None:
    """List all rooms."""
    names = ("id", "name", "kind", "owner", "members", "connections", "messages")
    context.list_all(path("rooms"), [*names, ("size", size("bytes")), ("ends", time("expires_at"))])


@admin_command
@click.argument("room", type=ROOM)
@yes_option
def close(context: AdminContext, room: str, yes: bool) -> None:
    """Close a room, for everybody and for good."""
    confirm(f"Close {safe_line(room)} for everybody, for good?", yes=yes)
    with lookup(f"room {room!r}", "chat admin rooms"):
        context.do("DELETE", path("room", room), f"closed {room}")


@admin_command
def admin_users(context: AdminContext) -> None:
    """List all users."""
    context.list_all(path("users"), ["id", "name", ("since", time("created_at")), "sessions", ("banned", time("banned_at"))])


@admin_command
@click.argument("user", type=USER)
def ban(context: AdminContext, user: str) -> None:
    """Ban a user from the whole service, at once."""
    _to_user(context, "PUT", user, "ban", f"banned {user}")


@admin_command
@click.argument("user", type=USER)
def unban(context: AdminContext, user: str) -> None:
    """Let a banned user sign in again."""
    _to_user(context, "DELETE", user, "ban", f"{user} may sign in again")


@admin_command
@click.argument("user", type=USER)
def end_sessions(context: AdminContext, user: str) -> None:
    """Sign a user out everywhere."""
    _to_user(context, "DELETE", user, "sessions", f"ended the sessions of {user}")


def _to_user(context: AdminContext, method: str, user: str, what: str, message: str) -> None:
    with lookup(f"user {user!r}", "chat admin users"):
        context.do(method, path("user", user, what), message)


@admin_command
def streams(context: AdminContext) -> None:
    """List the open streams, by worker."""
    answer = context.call("GET", path("streams"))
    if context.output.as_json:
        context.output.document(answer)
        return
    age: Column = ("age", lambda stream: f"{stream['age']:.0f} s")
    context.output.table(answer["streams"], ["worker", "user", "transport", "rooms", "address", age, ("backlog", size("backlog"))])
    for worker in answer["workers"]:
        hint(f"{worker['worker']}: {worker['streams']} streams")


@admin_command
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@click.option("--room", "rooms", multiple=True, help="Only to this room; repeatable.")
def announce(context: AdminContext, words: tuple[str, ...], rooms: tuple[str, ...]) -> None:
    """Post an announcement to all rooms, or to some."""
    body = {"text": " ".join(words), "rooms": list(rooms) or None}
    answer = context.call("POST", path("announcements"), json=body)
    context.output.result(answer, f"announced in {answer['rooms']} rooms")


@admin_command
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="The largest number of entries.")
@click.option("--before", type=click.IntRange(min=1), metavar="ID", help="Only older entries.")
def audit_log(context: AdminContext, limit: int, before: int | None) -> None:
    """Show the operators' actions, the newest first."""
    entries = context.call("GET", path("audit"), params=without_none({"limit": limit, "before": before}))
    context.output.table(entries, ["id", ("when", time("at")), "actor", "act", "subject", "detail"])


@admin_command
@yes_option
def stop(context: AdminContext, yes: bool) -> None:
    """Let the service finish its requests, and stop it."""
    confirm("Stop the whole service?", yes=yes)
    context.do("POST", path("stop"), "stopping")
