"""Commands about rooms: rooms, create, get, edit, close, invite, join, leave."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from chat.terminal.client import Client, path, without_none
from chat.terminal.context import CommandContext, command, explain_not_found, room_lookup
from chat.terminal.output import field, hint
from chat.terminal.prompts import confirm, yes_option
from chat.terminal.references import ROOM
from chat.terminal.rendering import format_size, format_time
from chat.terminal.sanitize import safe_line

MOST_HOURS = 24
INVITE_KEY = re.compile(r"([0-9]+)-[\w-]{20,}", re.ASCII)  # the room's id, and more random characters than a room's name is likely to have
KEY_NOT_FOUND = "this key opens no room: it was ended by a newer one, or the room is gone"


max_members_option = click.option("--max-members", type=click.IntRange(min=1), help="The largest number of members.")


def expires_in_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option("--expires-in", type=click.FloatRange(0, MOST_HOURS, min_open=True), metavar="HOURS", help=help_text)


@command()
@click.option("--name", help="Only rooms whose name contains this.")
def rooms(context: CommandContext, name: str | None) -> None:
    """List the open rooms and the rooms that you are a member of."""
    items = list(context.client.list_all(path("rooms"), name=name))
    context.output.table(items, ["id", "name", "kind", "members", ("here", field("connections")), "messages", "topic"])
    if not items:
        hint("no room yet: `chat create NAME` makes one")


@command()
@click.argument("name")
@click.option("--closed", is_flag=True, help="Only people with the invite key can join.")
@click.option("--topic", help="The topic of the room.")
@max_members_option
@expires_in_option("The room ends after so many hours, and its messages with it.")
@click.option("--when-empty", is_flag=True, help="The room ends when nobody is left, and its messages with it.")
def create(context: CommandContext, name: str, closed: bool, when_empty: bool, **options: Any) -> None:
    """Make a room. You own it and are its first member."""
    if when_empty and options["expires_in"] is not None:
        raise click.UsageError("--expires-in and --when-empty do not go together")
    fields = {"kind": "closed" if closed else None, **options, "expires": "when_empty" if when_empty else None}
    room = context.client.post(path("rooms"), {"name": name, **without_none(fields)})
    _print_invite_key(context, room, f"made {room['name']} ({room['id']})")


@command(ROOM)
def get(context: CommandContext, room: str) -> None:
    """Show a room."""
    with room_lookup(room):
        item = context.client.get(path("room", room))
    context.output.fields(item, _fields(item))


@command(ROOM)
@click.option("--name", help="The new name.")
@click.option("--topic", help="The new topic; an empty one removes it.")
@max_members_option
@expires_in_option("The room ends so many hours from now.")
def edit(context: CommandContext, room: str, **options: Any) -> None:
    """Change a room that you own."""
    changes = without_none(options)
    if not changes:
        raise click.UsageError("say what to change")
    with room_lookup(room):
        changed = context.client.call("PATCH", path("room", room), json=changes)
    context.output.fields(changed, _fields(changed))


@command(ROOM)
@yes_option
def close(context: CommandContext, room: str, yes: bool) -> None:
    """Close a room that you own, for everybody and for good."""
    confirm(f"Close {safe_line(room)} for everybody, for good?", yes=yes)
    change_room(context, "DELETE", (room,), f"closed {room}", room_lookup(room))


@command(ROOM)
def invite(context: CommandContext, room: str) -> None:
    """Make a new invite key for a closed room that you own. The key before it ends."""
    with room_lookup(room):
        _print_invite_key(context, context.client.post(path("room", room, "invite")))


@command()
@click.argument("key")
def join(context: CommandContext, key: str) -> None:
    """Join a closed room by its invite KEY, or an open room by its name or id."""
    room = join_room(context.client, key)
    context.output.result(room, f"joined {room['name']} ({room['id']})")


def join_room(client: Client, key: str) -> Any:
    """Joins a room by its invite key, name or id, which changes nothing for a member. Returns the room."""
    invited = INVITE_KEY.fullmatch(key)
    room = invited[1] if invited else key
    with explain_not_found(KEY_NOT_FOUND) if invited else room_lookup(room):
        client.call("POST", path("room", room, "members"), json={"invite_key": key} if invited else None)
        return client.get(path("room", room))


@command(ROOM)
def leave(context: CommandContext, room: str) -> None:
    """Leave a room."""
    lookup = explain_not_found(f"there is no room {room!r} that you are in: `chat rooms` lists those that there are")
    change_room(context, "DELETE", (room, "members", "me"), f"left {room}", lookup)


def change_room(context: CommandContext, method: str, parts: tuple[str, ...], message: str, lookup: AbstractContextManager[None]) -> None:
    """Calls an address that answers 204, of a room or below it, and prints the message."""
    with lookup:
        context.client.call(method, path("room", *parts))
    context.output.result({"room": parts[0], "done": message}, message)


def _print_invite_key(context: CommandContext, answer: dict[str, Any], *lines: str) -> None:
    """Prints the lines, and below them the key if the answer holds one."""
    key = answer.get("invite_key")
    context.output.result(answer, *lines, *([f"invite key: {key}"] if key else []))
    if key and not context.output.as_json:
        hint(f"the key is shown only this once; everybody who has it can join: chat join {key}")


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
        "messages": f"{room['messages']} ({format_size(room['bytes'])})",
        "made": format_time(room["created_at"]),
        "ends": "when empty" if room.get("expires") == "when_empty" else format_time(room.get("expires_at")),
    }
    return {name: value for name, value in fields.items() if value not in {None, ""}}
