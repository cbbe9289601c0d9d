"""Rooms and who is in them: rooms, create, get, edit, close, invite, join, leave, members, remove, ban, unban, bans."""

import re
from typing import Any

import click

from chat.terminal.asking import be_sure, yes_option
from chat.terminal.cleaning import on_one_line
from chat.terminal.client import Client, path
from chat.terminal.failures import NotFound
from chat.terminal.naming import ROOM, USER
from chat.terminal.output import hint
from chat.terminal.telling import day_and_clock, size_in_words
from chat.terminal.terminal import Terminal, command, looking_for_room, where_missing

MOST_HOURS = 24
KEY = re.compile(r"([0-9]+)-[\w-]{20,}", re.ASCII)  # the room's id, and so many random characters that no room's name is taken for it
NO_ENTRY = "this key opens no room: it was ended by a newer one, or the room is gone"


@click.command()
@click.option("--name", help="Only those whose name contains this.")
@command
def rooms(terminal: Terminal, name: str | None) -> None:
    """List the open rooms and those that one is a member of."""
    found = list(terminal.client.listed(path("rooms"), name=name))
    names = {"id": "id", "name": "name", "kind": "kind", "members": "members", "here": "connections", "messages": "messages"}
    columns = {title: [room[field] for room in found] for title, field in names.items()}
    terminal.output.table(found, {**columns, "topic": [room.get("topic") or "" for room in found]})
    if not found:
        hint("no room yet: `chat create NAME` makes one")


@click.command()
@click.argument("name")
@click.option("--closed", is_flag=True, help="Only people with its invite key come in.")
@click.option("--topic", help="What it is about.")
@click.option("--max-members", type=click.IntRange(min=1), help="No more than so many members.")
@click.option(
    "--expires-in", type=click.FloatRange(0, MOST_HOURS, min_open=True), metavar="HOURS", help="Ends then, with all that was said."
)
@click.option("--when-empty", is_flag=True, help="Ends, with all that was said, when nobody is left.")
@command
def create(terminal: Terminal, name: str, closed: bool, when_empty: bool, **options: Any) -> None:
    """Make a room; one owns it, and is its first member."""
    if when_empty and options["expires_in"] is not None:
        raise click.UsageError("--expires-in and --when-empty do not go together")
    wished = {"kind": "closed" if closed else None, **options, "expires": "when_empty" if when_empty else None}
    room = terminal.client.post(path("rooms"), {"name": name, **_given(wished)})
    if terminal.output.as_json:
        terminal.output.document(room)
        return
    terminal.output.say(f"made {room['name']} ({room['id']})")
    _tell_key(terminal, room)


@click.command()
@click.argument("room", type=ROOM)
@command
def get(terminal: Terminal, room: str) -> None:
    """Show a room as it is now."""
    with looking_for_room(room):
        found = terminal.client.get(path("room", room))
    terminal.output.fields(found, _fields(found))


@click.command()
@click.argument("room", type=ROOM)
@click.option("--name", help="Another name.")
@click.option("--topic", help="What it is about; an empty one takes it away.")
@click.option("--max-members", type=click.IntRange(min=1), help="No more than so many members.")
@click.option("--expires-in", type=click.FloatRange(0, MOST_HOURS, min_open=True), metavar="HOURS", help="Hours from now.")
@command
def edit(terminal: Terminal, room: str, **options: Any) -> None:
    """Change a room that one owns."""
    changes = _given(options)
    if not changes:
        raise click.UsageError("say what to change")
    with looking_for_room(room):
        changed = terminal.client.call("PATCH", path("room", room), json=changes)
    terminal.output.fields(changed, _fields(changed))


@click.command()
@click.argument("room", type=ROOM)
@yes_option
@command
def close(terminal: Terminal, room: str, yes: bool) -> None:
    """Close a room that one owns, for everybody and for good."""
    be_sure(f"Close {on_one_line(room)} for everybody, for good?", yes=yes)
    _do(terminal, "DELETE", room, (), f"closed {room}")


@click.command()
@click.argument("room", type=ROOM)
@command
def invite(terminal: Terminal, room: str) -> None:
    """Make a new invite key for a closed room that one owns; the one before ends."""
    with looking_for_room(room):
        made = terminal.client.post(path("room", room, "invite"))
    if terminal.output.as_json:
        terminal.output.document(made)
    else:
        _tell_key(terminal, made)


@click.command()
@click.argument("key")
@command
def join(terminal: Terminal, key: str) -> None:
    """Join a closed room by its invite KEY, or an open one by its name or id."""
    joined = enter(terminal.client, key)
    terminal.output.done(joined, f"joined {joined['name']} ({joined['id']})")


def enter(client: Client, key: str) -> Any:
    """Joins, which changes nothing for a member; answers the room."""
    invited = KEY.fullmatch(key)
    room = invited[1] if invited else key
    with where_missing(NO_ENTRY) if invited else looking_for_room(room):
        client.call("POST", path("room", room, "members"), json={"invite_key": key} if invited else None)
        return client.get(path("room", room))


@click.command()
@click.argument("room", type=ROOM)
@command
def leave(terminal: Terminal, room: str) -> None:
    """Leave a room."""
    with where_missing(f"there is no room {room!r} that you are in: `chat rooms` lists those that there are"):
        _do(terminal, "DELETE", room, ("members", "me"), f"left {room}")


@click.command()
@click.argument("room", type=ROOM)
@command
def members(terminal: Terminal, room: str) -> None:
    """List a room's members, and who of them is there."""
    with looking_for_room(room):
        found = list(terminal.client.listed(path("room", room, "members")))
    columns = {
        "id": [member["user"]["id"] for member in found],
        "name": [member["user"]["name"] for member in found],
        "here": ["here" if member["present"] else "" for member in found],
        "owner": ["owner" if member["owner"] else "" for member in found],
    }
    terminal.output.table(found, columns)


@click.command()
@click.argument("room", type=ROOM)
@click.argument("user", type=USER)
@command
def remove(terminal: Terminal, room: str, user: str) -> None:
    """Remove somebody from a room that one owns; they may come back."""
    _do(terminal, "DELETE", room, ("members", user), f"removed {user} from {room}")


@click.command()
@click.argument("room", type=ROOM)
@click.argument("user", type=USER)
@command
def ban(terminal: Terminal, room: str, user: str) -> None:
    """Remove somebody from a room that one owns, and keep them out."""
    _do(terminal, "PUT", room, ("bans", user), f"banned {user} from {room}")


@click.command()
@click.argument("room", type=ROOM)
@click.argument("user", type=USER)
@command
def unban(terminal: Terminal, room: str, user: str) -> None:
    """Let somebody who was banned come back."""
    _do(terminal, "DELETE", room, ("bans", user), f"{user} may join {room} again")


@click.command()
@click.argument("room", type=ROOM)
@command
def bans(terminal: Terminal, room: str) -> None:
    """List who is banned from a room that one owns."""
    with looking_for_room(room):
        found = terminal.client.get(path("room", room, "bans"))
    terminal.output.table(found, {"id": [user["id"] for user in found], "name": [user["name"] for user in found]})


def _do(terminal: Terminal, method: str, room: str, below: tuple[str, ...], words: str) -> None:
    """What answers nothing."""
    try:
        with looking_for_room(room):
            terminal.client.call(method, path("room", room, *below))
    except NotFound as missing:
        if below[1:]:
            raise missing.saying("there is no such room, or nobody of that name: see `chat rooms` and `chat members ROOM`") from None
        raise
    terminal.output.done({"room": room, "done": words}, words)


def _tell_key(terminal: Terminal, made: dict[str, Any]) -> None:
    if key := made.get("invite_key"):
        terminal.output.say(f"invite key: {key}")
        hint(f"it is shown this once; whoever has it comes in: chat join {key}")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _fields(room: dict[str, Any]) -> dict[str, object]:
    owner = room.get("owner")
    fields = {
        "id": room["id"],
        "name": room["name"],
        "kind": room["kind"],
        "topic": room.get("topic"),
        "owner": owner["name"] if owner else None,
        "members": f"{room['members']} of {room['max_members']}" if room.get("max_members") else room["members"],
        "here": room["connections"],
        "messages": f"{room['messages']} ({size_in_words(room['bytes'])})",
        "made": day_and_clock(room["created_at"]),
        "ends": _end(room),
    }
    return {name: value for name, value in fields.items() if value not in {None, ""}}


def _end(room: dict[str, Any]) -> str:
    return "when empty" if room.get("expires") == "when_empty" else day_and_clock(room.get("expires_at"))
