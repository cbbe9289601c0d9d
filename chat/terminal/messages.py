"""Saying and reading: send, dm, history, search, tail."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from chat.terminal import files
from chat.terminal.client import path
from chat.terminal.failures import Failure
from chat.terminal.following import Ended, Event, Follower, Link, heartbeat_seconds, reason_in_words
from chat.terminal.naming import ROOM, USER
from chat.terminal.output import hint, remark
from chat.terminal.telling import day_and_clock, room_in_words
from chat.terminal.terminal import Terminal, command, looking_for_room, looking_for_user

FILES = click.option(
    "-f",
    "--file",
    "attached",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to send; repeatable.",
)
WORDS = click.argument("words", nargs=-1, metavar="[TEXT | -]")


@click.command()
@click.argument("room", type=ROOM)
@WORDS
@FILES
@command
def send(terminal: Terminal, room: str, words: tuple[str, ...], attached: tuple[Path, ...]) -> None:
    """Say TEXT in a room, or what standard input holds with -. Files go with it, each as a message."""
    text = _text(words, attached)
    with looking_for_room(room):
        _post(terminal, ("room", room), text, attached)


@click.command()
@click.argument("user", type=USER)
@WORDS
@FILES
@command
def dm(terminal: Terminal, user: str, words: tuple[str, ...], attached: tuple[Path, ...]) -> None:
    """Say TEXT to one person, or what standard input holds with -."""
    text = _text(words, attached)
    with looking_for_user(user):
        _post(terminal, ("user", user), text, attached)


def _text(words: tuple[str, ...], attached: tuple[Path, ...]) -> str | None:
    if words == ("-",):
        return _from_stdin()
    if not words and not attached:
        raise click.UsageError("say what: TEXT, - for standard input, or -f FILE")
    return " ".join(words) or None


def _from_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode().rstrip("\n")
    except UnicodeDecodeError:
        raise Failure("what came on standard input is not text in UTF-8: -f sends files") from None


def _post(terminal: Terminal, to: tuple[str, str], text: str | None, attached: tuple[Path, ...]) -> None:
    """The text goes with the first of the files."""
    if not attached:
        posted = [terminal.client.send(path(*to, "messages"), text or "")]
    else:
        texts = [text, *[None] * (len(attached) - 1)]
        where = path(*to, "files")
        posted = [files.upload(terminal.client, where, file, said) for file, said in zip(attached, texts, strict=True)]
    if terminal.output.as_json:
        terminal.output.document(posted[0] if len(posted) == 1 else posted)
    elif terminal.output.for_people:
        terminal.output.events(posted)


@click.command()
@click.argument("room", type=ROOM, metavar="ROOM|@USER")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many at most.")
@click.option("--before", type=click.IntRange(min=0), metavar="ID", help="Only older ones.")
@click.option("--after", type=click.IntRange(min=0), metavar="ID", help="Only newer ones, the oldest of them.")
@command
def history(terminal: Terminal, room: str, **window: int | None) -> None:
    """Show what was said in a room, or with @USER, the oldest first."""
    if window["before"] is not None and window["after"] is not None:
        raise click.UsageError("--before and --after do not go together")
    user = room.removeprefix("@")
    where, looking = (
        (path("user", user, "messages"), looking_for_user(user))
        if user != room
        else (path("room", room, "messages"), looking_for_room(room))
    )
    with looking:
        page = terminal.client.get(where, **window)
    if terminal.output.as_json:
        terminal.output.document(page)
        return
    terminal.output.events(page["messages"])
    if page["more"]:
        hint(f"there is more: --{'after' if window['after'] is not None else 'before'} {page['cursor']}")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--room", type=ROOM, help="Only in this room.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many at most.")
@click.option("--before", type=click.IntRange(min=0), metavar="ID", help="Those after this result.")
@command
def search(terminal: Terminal, words: tuple[str, ...], room: str | None, **window: int | None) -> None:
    """Find messages that have all of WORDS, the best first; the last word may be only begun.

    '"a phrase"', this or that, and after -- also -without."""
    with looking_for_room(room) if room else nullcontext():
        found = terminal.client.get(path("search"), q=" ".join(words), room=room, **window)
    results = found["results"]
    messages = [result["message"] for result in results]
    columns = {
        "id": [message["id"] for message in messages],
        "when": [day_and_clock(message["created_at"]) for message in messages],
        "room": [room_in_words(message["room"]) for message in messages],
        "who": [message["sender"]["name"] if message["sender"] else "" for message in messages],
        "what": [result["snippet"] for result in results],
    }
    if terminal.output.as_json:
        terminal.output.document(found)
        return
    terminal.output.table(results, columns)
    if found["more"]:
        hint(f"there is more: --before {messages[-1]['id']}")


@click.command()
@click.argument("rooms", nargs=-1, type=ROOM, metavar="[ROOM]...")
@click.option("--since", type=click.IntRange(min=0), metavar="ID", help="First all that came after this id; 0 for all there is.")
@command
def tail(terminal: Terminal, rooms: tuple[str, ...], since: int | None) -> None:
    """Follow rooms, or without a ROOM all of one's own and what people write to one. Ctrl-C ends it, with exit code 0.

    Resumes by itself and repeats nothing; over the long poll where streams do not get through."""
    wanted = [_room_id(terminal, room) for room in rooms]
    where = path("room", wanted[0], "subscribe") if len(wanted) == 1 else path("subscribe")
    follower = Follower(terminal.client, where, _remark, tuple(wanted) if len(wanted) > 1 else (), heartbeat_seconds())
    try:
        follower.begin(since)
        for event in follower.events():
            if not wanted or _room_of(event) in wanted:
                terminal.output.event(event, with_room=len(wanted) != 1)
    except KeyboardInterrupt:
        return
    except Ended as ended:
        failure = reason_in_words(ended.reason)
        if failure:
            raise failure from None


def _room_id(terminal: Terminal, room: str) -> Any:
    """All of them are looked up first, so that a wrong name is told by itself."""
    with looking_for_room(room):
        return terminal.client.get(path("room", room))["id"]


def _room_of(event: Event) -> object:
    room = event.get("room")
    return room.get("id") if isinstance(room, dict) else None


def _remark(_link: Link, words: str) -> None:
    remark(words)
