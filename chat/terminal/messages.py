"""Commands about messages: send, dm, history, search."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from chat.terminal import files
from chat.terminal.client import path
from chat.terminal.context import CommandContext, command, room_lookup, user_lookup
from chat.terminal.errors import Failure
from chat.terminal.output import Column, field, hint, time
from chat.terminal.references import ROOM, USER
from chat.terminal.rendering import room_label

FILES = click.option(
    "-f",
    "--file",
    "attached",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to send; repeatable.",
)
WORDS = click.argument("words", nargs=-1, metavar="[TEXT | -]")


@command(ROOM)
@WORDS
@FILES
def send(context: CommandContext, room: str, words: tuple[str, ...], attached: tuple[Path, ...]) -> None:
    """Post TEXT to a room, or with - the text of standard input. Each file becomes a message."""
    text = _text(words, attached)
    with room_lookup(room):
        _post(context, ("room", room), text, attached)


@command(USER)
@WORDS
@FILES
def dm(context: CommandContext, user: str, words: tuple[str, ...], attached: tuple[Path, ...]) -> None:
    """Send TEXT to one person, or with - the text of standard input."""
    text = _text(words, attached)
    with user_lookup(user):
        _post(context, ("user", user), text, attached)


def _text(words: tuple[str, ...], attached: tuple[Path, ...]) -> str | None:
    if words == ("-",):
        return _read_stdin()
    if not words and not attached:
        raise click.UsageError("say what: TEXT, - for standard input, or -f FILE")
    return " ".join(words) or None


def _read_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode().rstrip("\n")
    except UnicodeDecodeError:
        raise Failure("standard input is not text in UTF-8: -f sends files") from None


def _post(context: CommandContext, to: tuple[str, str], text: str | None, attached: tuple[Path, ...]) -> None:
    """The text is part of the first file's message."""
    if not attached:
        posted = [context.client.send_message(path(*to, "messages"), text or "")]
    else:
        texts = [text, *[None] * (len(attached) - 1)]
        where = path(*to, "files")
        posted = [files.upload(context.client, where, file, file_text) for file, file_text in zip(attached, texts, strict=True)]
    if context.output.as_json:
        context.output.document(posted[0] if len(posted) == 1 else posted)
    elif context.output.for_people:
        context.output.events(posted)


@command()
@click.argument("room", type=ROOM, metavar="ROOM|@USER")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="The largest number of messages.")
@click.option("--before", type=click.IntRange(min=0), metavar="ID", help="Only older messages.")
@click.option("--after", type=click.IntRange(min=0), metavar="ID", help="Only newer messages, the oldest of them.")
def history(context: CommandContext, room: str, **window: int | None) -> None:
    """Show the messages of a room, or with @USER those of a conversation, the oldest first."""
    if window["before"] is not None and window["after"] is not None:
        raise click.UsageError("--before and --after do not go together")
    user = room.removeprefix("@")
    kind, lookup = ("room", room_lookup(room)) if user == room else ("user", user_lookup(user))
    with lookup:
        page = context.client.get(path(kind, user, "messages"), **window)
    if context.output.as_json:
        context.output.document(page)
        return
    context.output.events(page["messages"])
    if page["more"]:
        hint(f"there is more: --{'after' if window['after'] is not None else 'before'} {page['cursor']}")


@command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--room", type=ROOM, help="Only in this room.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="The largest number of results.")
@click.option("--before", type=click.IntRange(min=0), metavar="ID", help="The results that follow this one.")
def search(context: CommandContext, words: tuple[str, ...], room: str | None, **window: int | None) -> None:
    """Find messages that contain all WORDS, the best match first. The last word may be incomplete.

    Understands '"a phrase"', 'this or that' and, after --, -without."""
    with room_lookup(room) if room else nullcontext():
        page = context.client.get(path("search"), q=" ".join(words), room=room, **window)
    if context.output.as_json:
        context.output.document(page)
        return
    results = [result["message"] | {"snippet": result["snippet"]} for result in page["results"]]
    room_column: Column = ("room", lambda message: room_label(message["room"]))
    context.output.table(results, ["id", ("when", time("created_at")), room_column, ("who", field("sender")), ("what", field("snippet"))])
    if page["more"]:
        hint(f"there is more: --before {results[-1]['id']}")
