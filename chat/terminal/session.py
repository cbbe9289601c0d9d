"""Who one is at a server: signup, signin, signout, whoami, passwd; and the others, users."""

import click

from chat.terminal import asking
from chat.terminal.client import path
from chat.terminal.config import Account
from chat.terminal.failures import NotSignedIn
from chat.terminal.telling import day_and_clock
from chat.terminal.terminal import Terminal, command


@click.command()
@click.argument("name")
@asking.password_source
@command
def signup(terminal: Terminal, name: str, source: str | None) -> None:
    """Become somebody new on a server, and stay signed in.

    The password is asked for, or read from standard input with -."""
    _enter(terminal, "users", name, asking.password(source, twice=True))


@click.command()
@click.argument("name")
@asking.password_source
@command
def signin(terminal: Terminal, name: str, source: str | None) -> None:
    """Sign in to a server, which is the one that commands go to from then on.

    The password is asked for, or read from standard input with -."""
    _enter(terminal, "session", name, asking.password(source))


def _enter(terminal: Terminal, where: str, name: str, password: str) -> None:
    signed_in = terminal.anonymous().post(path(where), {"name": name, "password": password})
    user = signed_in["user"]
    terminal.config.remember(terminal.url, Account(user["name"], signed_in["token"]))
    terminal.output.done({"user": user, "url": terminal.url}, f"signed in to {terminal.url} as {user['name']}")


@click.command()
@command
def signout(terminal: Terminal) -> None:
    """End this session, everywhere it is used, and forget its token."""
    try:
        terminal.client.call("DELETE", path("session"))
    except NotSignedIn:
        terminal.config.forget(terminal.url)
        raise
    terminal.config.forget(terminal.url)
    terminal.output.done({"url": terminal.url}, f"signed out of {terminal.url}")


@click.command()
@command
def whoami(terminal: Terminal) -> None:
    """Say who is signed in, and where."""
    current = terminal.client.get(path("session"))
    session = current["session"]
    fields = {
        "name": current["user"]["name"],
        "id": current["user"]["id"],
        "server": terminal.url,
        "since": day_and_clock(session["created_at"]),
    }
    if current["user"].get("about"):
        fields["about"] = current["user"]["about"]
    terminal.output.fields({**current, "url": terminal.url}, fields)


@click.command()
@asking.password_source
@command
def passwd(terminal: Terminal, source: str | None) -> None:
    """Change one's password, which ends all one's other sessions.

    Both are asked for, or read from standard input with -: the present one, and on the next line the new one."""
    present = asking.password(source, what="Present password")
    new = asking.password(source, twice=True, what="New password")
    terminal.client.call("PUT", path("password"), json={"password": present, "new_password": new})
    terminal.output.done({"url": terminal.url}, "the password was changed, and all other sessions have ended")


@click.command()
@click.option("--name", help="Only those whose name contains this.")
@command
def users(terminal: Terminal, name: str | None) -> None:
    """List whom one can write to."""
    found = list(terminal.client.listed(path("users"), name=name))
    columns = {
        "id": [user["id"] for user in found],
        "name": [user["name"] for user in found],
        "since": [day_and_clock(user["created_at"]) for user in found],
    }
    terminal.output.table(found, columns)
