"""Commands about accounts: signup, signin, signout, whoami, passwd, users."""

import click

from chat.terminal.client import path
from chat.terminal.config import Account
from chat.terminal.context import CommandContext, command
from chat.terminal.errors import NotSignedIn
from chat.terminal.output import time
from chat.terminal.prompts import password_source, read_password
from chat.terminal.rendering import format_time


@command()
@click.argument("name")
@password_source
def signup(context: CommandContext, name: str, source: str | None) -> None:
    """Create an account on a server, and stay signed in.

    Prompts for the password, or with - reads it from standard input."""
    _start_session(context, "users", name, read_password(source, twice=True))


@command()
@click.argument("name")
@password_source
def signin(context: CommandContext, name: str, source: str | None) -> None:
    """Sign in to a server. Later commands use this server.

    Prompts for the password, or with - reads it from standard input."""
    _start_session(context, "session", name, read_password(source))


def _start_session(context: CommandContext, endpoint: str, name: str, password: str) -> None:
    session = context.anonymous().post(path(endpoint), {"name": name, "password": password})
    user = session["user"]
    context.config.remember(context.url, Account(user["name"], session["token"]))
    context.output.result({"user": user, "url": context.url}, f"signed in to {context.url} as {user['name']}")


@command()
def signout(context: CommandContext) -> None:
    """End this session everywhere, and forget its token."""
    try:
        context.client.call("DELETE", path("session"))
    except NotSignedIn:
        context.config.forget(context.url)
        raise
    context.config.forget(context.url)
    context.output.result({"url": context.url}, f"signed out of {context.url}")


@command()
def whoami(context: CommandContext) -> None:
    """Show who is signed in, and to which server."""
    current = context.client.get(path("session"))
    user = current["user"]
    fields = {"name": user["name"], "id": user["id"], "server": context.url, "since": format_time(current["session"]["created_at"])}
    if user.get("about"):
        fields["about"] = user["about"]
    context.output.fields({**current, "url": context.url}, fields)


@command()
@password_source
def passwd(context: CommandContext, source: str | None) -> None:
    """Change your password, which ends all your other sessions.

    Prompts for both passwords, or with - reads them from standard input: the present one, and on the next line the new one."""
    present = read_password(source, label="Present password")
    new = read_password(source, twice=True, label="New password")
    context.client.call("PUT", path("password"), json={"password": present, "new_password": new})
    context.output.result({"url": context.url}, "the password was changed, and all other sessions have ended")


@command()
@click.option("--name", help="Only users whose name contains this.")
def users(context: CommandContext, name: str | None) -> None:
    """List the users that you can write to."""
    context.output.table(list(context.client.list_all(path("users"), name=name)), ["id", "name", ("since", time("created_at"))])
