"""The command `open ROOM`: a live room on the whole screen."""

import sys

import click

from chat.terminal.client import path
from chat.terminal.context import CommandContext, command
from chat.terminal.references import ROOM
from chat.terminal.room_screen import RoomScreen
from chat.terminal.rooms import join_room
from chat.terminal.sanitize import safe_line


@command(name="open")
@click.argument("room", type=ROOM, metavar="ROOM|KEY")
def open_room(context: CommandContext, room: str) -> None:
    """Open a room on the whole screen: messages above, a prompt below. Joins the room first if you are no member.

    /help lists the commands and keys; Ctrl-C or Ctrl-D restores the screen and ends with exit code 0."""
    if context.output.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("open is for a terminal: `chat tail` is for programs")
    joined = join_room(context.client, room)
    me = context.client.get(path("session"))["user"]["name"]
    RoomScreen(context.client, joined, safe_line(me)).run()
