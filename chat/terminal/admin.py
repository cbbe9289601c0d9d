"""The operator's commands, against the admin interface with its key: ADMIN_URL, and CHAT_ADMIN_KEY, which no argument ever holds."""

import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

import click

from chat.terminal.asking import be_sure, yes_option
from chat.terminal.cleaning import on_one_line
from chat.terminal.client import Client, path
from chat.terminal.config import checked_url
from chat.terminal.failures import NotSignedIn
from chat.terminal.naming import ROOM, USER
from chat.terminal.output import Output, hint
from chat.terminal.parts import ThemedGroup
from chat.terminal.telling import day_and_clock, size_in_words
from chat.terminal.terminal import looking_for

Fields = Mapping[str, Callable[[dict[str, Any]], object]]  # of each item of a list, by the column's title

DEFAULT_URL = "http://127.0.0.1:8090"  # where the service has it unless ADMIN_BIND says otherwise
MAKES_ONE = "chat admin key add NAME, on the service's machine, makes one"
NO_KEY = f"the admin interface wants a key in CHAT_ADMIN_KEY: {MAKES_ONE}"
REFUSED = f"the key in CHAT_ADMIN_KEY is not one of this service's, or has ended: {MAKES_ONE}"


@click.group(cls=ThemedGroup, parts={"key": ("Commands", "chat.cli.admin_keys:keys")})
def admin() -> None:
    """Run a service: its rooms, users, streams, announcements, audit log and keys.

    The address is ADMIN_URL's, http://127.0.0.1:8090 unless told; the key is in CHAT_ADMIN_KEY."""


class Office:
    """The admin interface, and where to print its answers."""

    def __init__(self, url: str | None, *, as_json: bool) -> None:
        key = os.environ.get("CHAT_ADMIN_KEY", "")
        if not key:
            raise NotSignedIn(NO_KEY)
        self.output = Output(as_json=as_json)
        self._client = Client(checked_url(url or os.environ.get("ADMIN_URL") or DEFAULT_URL), {"X-API-Key": key}, REFUSED)

    def call(self, method: str, where: str, **more: Any) -> Any:
        answer = self._client.call(method, where, **more)
        return answer.get("data", answer) if isinstance(answer, dict) else answer

    def do(self, method: str, where: str, words: str, **more: Any) -> None:
        data = self.call(method, where, **more)
        self.output.done(data if data is not None else {"done": words}, words)

    def listed(self, where: str, fields: Fields) -> None:
        self.table(list(self._client.listed(where)), fields)

    def table(self, found: list[Any], fields: Fields) -> None:
        self.output.table(found, {title: [field(item) for item in found] for title, field in fields.items()})


def office_command(function: Callable[..., None]) -> click.Command:
    """A command of this group, with --json and --url, and an Office for its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")
    @click.option("--url", metavar="URL", help="The admin interface's address (or ADMIN_URL).")
    @functools.wraps(function)
    def wrapped(as_json: bool, url: str | None, **arguments: Any) -> None:
        function(Office(url, as_json=as_json), **arguments)

    return admin.command(name=function.__name__.removeprefix("admin_").replace("_", "-"))(wrapped)


def field(name: str) -> Callable[[dict[str, Any]], object]:
    """A field as it is; of a user or a room its name; of a list all of it."""
    return lambda item: _shown(item.get(name))


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return value.get("name", value.get("id"))
    return ", ".join(str(_shown(one)) for one in value) if isinstance(value, list) else value


def time(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda item: day_and_clock(item.get(name))


def size(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda item: size_in_words(item.get(name) or 0)


@office_command
def admin_rooms(office: Office) -> None:
    """List all rooms."""
    fields = {name: field(name) for name in ("id", "name", "kind", "owner", "members", "connections", "messages")}
    office.listed(path("rooms"), {**fields, "size": size("bytes"), "ends": time("expires_at")})


@office_command
@click.argument("room", type=ROOM)
@yes_option
def close(office: Office, room: str, yes: bool) -> None:
    """Shut a room down."""
    be_sure(f"Shut {on_one_line(room)} down for everybody, for good?", yes=yes)
    with looking_for(f"room {room!r}", "chat admin rooms"):
        office.do("DELETE", path("room", room), f"closed {room}")


@office_command
def admin_users(office: Office) -> None:
    """List all users."""
    office.listed(
        path("users"),
        {"id": field("id"), "name": field("name"), "since": time("created_at"), "sessions": field("sessions"), "banned": time("banned_at")},
    )


@office_command
@click.argument("user", type=USER)
def ban(office: Office, user: str) -> None:
    """Keep somebody out of the whole service, at once."""
    _to_user(office, "PUT", user, "ban", f"banned {user}")


@office_command
@click.argument("user", type=USER)
def unban(office: Office, user: str) -> None:
    """Let somebody who was banned sign in again."""
    _to_user(office, "DELETE", user, "ban", f"{user} may sign in again")


@office_command
@click.argument("user", type=USER)
def end_sessions(office: Office, user: str) -> None:
    """Sign somebody out everywhere."""
    _to_user(office, "DELETE", user, "sessions", f"ended the sessions of {user}")


def _to_user(office: Office, method: str, user: str, what: str, words: str) -> None:
    with looking_for(f"user {user!r}", "chat admin users"):
        office.do(method, path("user", user, what), words)


@office_command
def streams(office: Office) -> None:
    """List the open streams, by worker."""
    names = ("worker", "user", "transport", "rooms", "address")
    found = office.call("GET", path("streams"))
    if office.output.as_json:
        office.output.document(found)
        return
    fields = {name: field(name) for name in names}
    office.table(found["streams"], {**fields, "age": lambda stream: f"{stream['age']:.0f} s", "backlog": size("backlog")})
    for worker in found["workers"]:
        hint(f"{worker['worker']}: {worker['streams']} streams")


@office_command
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@click.option("--room", "rooms", multiple=True, help="Only to this room; repeatable.")
def announce(office: Office, words: tuple[str, ...], rooms: tuple[str, ...]) -> None:
    """Say something to all rooms, or to some."""
    body = {"text": " ".join(words), "rooms": list(rooms) or None}
    reached = office.call("POST", path("announcements"), json=body)
    office.output.done(reached, f"announced in {reached['rooms']} rooms")


@office_command
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many at most.")
@click.option("--before", type=click.IntRange(min=1), metavar="ID", help="Only older ones.")
def audit_log(office: Office, limit: int, before: int | None) -> None:
    """Show who did what, the newest first."""
    found = office.call("GET", path("audit"), params={"limit": limit, **({"before": before} if before else {})})
    names = ("actor", "act", "subject", "detail")
    office.table(found, {"id": field("id"), "when": time("at"), **{name: field(name) for name in names}})


@office_command
@yes_option
def stop(office: Office, yes: bool) -> None:
    """Let the service finish what it is doing, and stop."""
    be_sure("Stop the whole service?", yes=yes)
    office.do("POST", path("stop"), "stopping")
