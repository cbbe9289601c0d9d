"""The command `tail`: prints events as they come."""

from typing import Any

import click

from chat.terminal.client import path
from chat.terminal.context import CommandContext, command, room_lookup
from chat.terminal.output import remark
from chat.terminal.references import ROOM
from chat.terminal.rendering import Event
from chat.terminal.subscription import Subscription, heartbeat_seconds
from chat.terminal.transports import SubscriptionEnded, explain_end


@command()
@click.argument("rooms", nargs=-1, type=ROOM, metavar="[ROOM]...")
@click.option("--since", type=click.IntRange(min=0), metavar="ID", help="First print all events after this id; 0 for all there are.")
def tail(context: CommandContext, rooms: tuple[str, ...], since: int | None) -> None:
    """Follow rooms, or without a ROOM all your rooms and direct messages. Ctrl-C ends it, with exit code 0.

    Resumes by itself and repeats nothing; uses the long poll where streams do not get through."""
    ids = [_room_id(context, room) for room in rooms]
    where = path("room", ids[0], "subscribe") if len(ids) == 1 else path("subscribe")
    subscription = Subscription(
        context.client, where, lambda _, message: remark(message), tuple(ids) if len(ids) > 1 else (), heartbeat_seconds()
    )
    try:
        subscription.begin(since)
        for event in subscription.events():
            if not ids or _room_of(event) in ids:
                context.output.event(event, with_room=len(ids) != 1)
    except KeyboardInterrupt:
        return
    except SubscriptionEnded as ended:
        if failure := explain_end(ended.reason):
            raise failure from None


def _room_id(context: CommandContext, room: str) -> Any:
    """Every room is looked up first, so that the error names the wrong one."""
    with room_lookup(room):
        return context.client.get(path("room", room))["id"]


def _room_of(event: Event) -> object:
    room = event.get("room")
    return room.get("id") if isinstance(room, dict) else None
