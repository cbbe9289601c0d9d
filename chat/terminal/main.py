"""`chat`, the command: what it can do, and how it ends. 0 done, 1 failed, 2 usage, 3 not signed in, 4 not found, 5 network, 130 Ctrl-C."""

import io
import sys

import click
from click.shell_completion import get_completion_class

from chat.terminal import admin, files, messages, rooms, session
from chat.terminal.failures import INTERRUPTED, WrongUsage, usage_in_one_line
from chat.terminal.output import remark
from chat.terminal.parts import ThemedGroup
from chat.version import VERSION

PARTS = {"open": ("Talk", "chat.terminal.open:open_room"), "audit": ("Operators", "chat.audit.command:audit")}
SHELLS = ("bash", "fish", "zsh")


@click.group(cls=ThemedGroup, parts=PARTS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="chat", message="%(prog)s %(version)s")
def main() -> None:
    """Chat in a terminal and from scripts.

    First `chat signup NAME --url https://…`, then `chat rooms`, `chat open ROOM`, `chat send ROOM hello`.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 not found, 5 nobody answers, 130 Ctrl-C (tail and open: 0).

    CHAT_URL and CHAT_TOKEN go before what signin wrote to ~/.config/chat/config.json; NO_COLOR is honoured."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, rooms and users: eval "$(chat completion bash)"."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(main, {}, "chat", "_CHAT_COMPLETE").source())


THEMES = {
    "Who one is": (session.signup, session.signin, session.signout, session.whoami, session.passwd, session.users),
    "Talk": (messages.send, messages.dm, messages.history, messages.search, messages.tail, files.download),
    "Rooms": (rooms.rooms, rooms.create, rooms.get, rooms.join, rooms.leave, rooms.members),
    "Rooms of one's own": (rooms.invite, rooms.edit, rooms.close, rooms.remove, rooms.ban, rooms.unban, rooms.bans),
    "This program": (completion,),
    "Operators": (admin.admin,),
}
for theme, commands in THEMES.items():
    for each in commands:
        main.add_command(each, theme=theme)


def run() -> None:
    _print_anything()
    try:
        main(prog_name="chat", standalone_mode=False)
    except click.UsageError as error:
        _fail(usage_in_one_line(error))
    except click.ClickException as failure:
        _fail(failure)
    except UnicodeEncodeError:  # which holds all that was to be sent, a password too
        _fail(WrongUsage("what was given is not text in UTF-8"))
    except (click.Abort, EOFError, KeyboardInterrupt):
        click.echo(err=True)  # what comes next does not stand behind a ^C
        sys.exit(INTERRUPTED)


def _print_anything() -> None:
    """Where a terminal or a pipe cannot take a character, its number stands for it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _fail(failure: click.ClickException) -> None:
    remark(failure.format_message())  # also of those that are click's own
    sys.exit(failure.exit_code)
