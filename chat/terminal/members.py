"""Commands about a room's people: members, remove, ban, unban, bans."""

from chat.terminal.client import path
from chat.terminal.context import CommandContext, command, explain_not_found, room_lookup
from chat.terminal.output import Column, field
from chat.terminal.references import ROOM, USER
from chat.terminal.rooms import change_room

NOT_FOUND = "there is no such room, or nobody of that name: see `chat rooms` and `chat members ROOM`"


@command(ROOM)
def members(context: CommandContext, room: str) -> None:
    """List a room's members, and who of them is here."""
    with room_lookup(room):
        items = list(context.client.list_all(path("room", room, "members")))
    here: Column = ("here", lambda member: "here" if member["present"] else "")
    owner: Column = ("owner", lambda member: "owner" if member["owner"] else "")
    context.output.table(items, [("id", lambda member: member["user"]["id"]), ("name", field("user")), here, owner])


@command(ROOM, USER)
def remove(context: CommandContext, room: str, user: str) -> None:
    """Remove a member from a room that you own. They may come back."""
    change_room(context, "DELETE", (room, "members", user), f"removed {user} from {room}", explain_not_found(NOT_FOUND))


@command(ROOM, USER)
def ban(context: CommandContext, room: str, user: str) -> None:
    """Remove a member from a room that you own, and keep them out."""
    change_room(context, "PUT", (room, "bans", user), f"banned {user} from {room}", explain_not_found(NOT_FOUND))


@command(ROOM, USER)
def unban(context: CommandContext, room: str, user: str) -> None:
    """Let a banned user join again."""
    change_room(context, "DELETE", (room, "bans", user), f"{user} may join {room} again", explain_not_found(NOT_FOUND))


@command(ROOM)
def bans(context: CommandContext, room: str) -> None:
    """List who is banned from a room that you own."""
    with room_lookup(room):
        users = context.client.get(path("room", room, "bans"))
    context.output.table(users, ["id", "name"])
