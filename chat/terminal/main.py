"""The command `chat`: its subcommands and exit codes. 0 done, 1 failed, 2 usage, 3 not signed in, 4 not found, 5 network, 130 Ctrl-C."""

import io
import sys

import click
from click.shell_completion import get_completion_class

from chat.terminal import accounts, admin, files, members, messages, rooms
from chat.terminal.command_groups import HeadedGroup
from chat.terminal.errors import INTERRUPTED, WrongUsage, one_line_usage
from chat.terminal.output import remark
from chat.terminal.tail import tail
from chat.version import VERSION

LAZY = {"open": ("Messages", "chat.terminal.open:open_room"), "audit": ("Operators", "chat.audit.command:audit")}
SHELLS = ("bash", "fish", "zsh")


@click.group(cls=HeadedGroup, lazy=LAZY, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="chat", message="%(prog)s %(version)s")
def main() -> None:
    """Chat in a terminal and from scripts.

    First `chat signup NAME --url https://…`, then `chat rooms`, `chat open ROOM`, `chat send ROOM hello`.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 not found, 5 service unreachable, 130 Ctrl-C (tail and open: 0).

    CHAT_URL and CHAT_TOKEN override what signin wrote to ~/.config/chat/config.json; NO_COLOR turns colours off."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands, rooms and users in a shell: eval "$(chat completion bash)"."""
    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(main, {}, "chat", "_CHAT_COMPLETE").source())


COMMANDS = {
    "Account": (accounts.signup, accounts.signin, accounts.signout, accounts.whoami, accounts.passwd, accounts.users),
    "Messages": (messages.send, messages.dm, messages.history, messages.search, tail, files.download),
    "Rooms": (rooms.rooms, rooms.create, rooms.get, rooms.join, rooms.leave, members.members),
    "Own rooms": (rooms.invite, rooms.edit, rooms.close, members.remove, members.ban, members.unban, members.bans),
    "This program": (completion,),
    "Operators": (admin.admin,),
}
for heading, commands in COMMANDS.items():
    for each in commands:
        main.add_command(each, heading=heading)


def run() -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a character that its encoding lacks is printed as an escape sequence
    try:
        main(prog_name="chat", standalone_mode=False)
    except click.UsageError as error:
        _fail(one_line_usage(error))
    except click.ClickException as failure:
        _fail(failure)
    except UnicodeEncodeError:  # its own message would contain what was to be sent, even a password
        _fail(WrongUsage("an argument or the input is not text in UTF-8"))
    except (click.Abort, EOFError, KeyboardInterrupt):
        click.echo(err=True)  # so that the shell's prompt does not follow a ^C
        sys.exit(INTERRUPTED)


def _fail(failure: click.ClickException) -> None:
    remark(failure.format_message())  # click's own errors have no show() of one line
    sys.exit(failure.exit_code)
