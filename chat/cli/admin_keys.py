"""`admin key add|list|end`: makes and ends API keys in the database itself.

It needs the database's address and the service's secret key."""

import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import click
from sqlalchemy.exc import DBAPIError

from chat.cli.environment_file import read_environment
from chat.config import WrongSetting, database_url, secret_key
from chat.loggers.faults import describe
from chat.services import api_keys
from chat.services.api_keys import SCOPES, ApiKey, Scope
from chat.services.database import one_connection
from chat.services.tokens import hash_token

NAME_LENGTH = 80

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("key")
def keys() -> None:
    """API keys, for the admin interface and for programs that make rooms.

    Works on the database itself: with DATABASE_URL and SECRET_KEY, or with those of the bin/serve that runs on CHAT_DATA."""


@keys.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="admin", show_default=True, help="What the key is for.")
@as_json
def add(name: str, scope: Scope, as_json: bool) -> None:
    """Make a key and print it. It is shown only this once."""
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise click.BadParameter(f"has 1 to {NAME_LENGTH} printable characters", param_hint="NAME")
    key = api_keys.new_key(scope)
    with _service() as (url, secret_key):
        key_id = api_keys.add(one_connection(url), _actor(), name, scope, hash_token(key, secret_key))
    click.echo(json.dumps({"id": key_id, "name": name, "scope": scope, "key": key}) if as_json else key)


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """List all keys, ended ones too, with the time of their last use."""
    with _service() as (url, _):
        listed = api_keys.listed(one_connection(url))
    click.echo(json.dumps([asdict(key) for key in listed], default=str) if as_json else _table(listed))


@keys.command("end")
@click.argument("key_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def end(key_id: int) -> None:
    """End a key: it is refused from then on."""
    with _service() as (url, _):
        ended = api_keys.end(one_connection(url), _actor(), key_id)
    if not ended:
        raise click.ClickException(f"no living key has the id {key_id}")
    click.echo(f"Key {key_id} has ended.")


@contextmanager
def _service() -> Iterator[tuple[str, str]]:
    """The database's address, and the key of the token hashes. Turns configuration and database errors into one line each."""
    environment = read_environment(os.environ)
    try:
        yield database_url(environment), secret_key(environment)
    except WrongSetting as error:
        raise click.ClickException(f"{error}; or start bin/serve, and name its folder with CHAT_DATA") from None
    except DBAPIError as error:
        raise click.ClickException(f"the database does not answer as it should: {describe(error)}") from None


def _actor() -> str:
    """Takes the user's name from the system: an environment variable can be set to anything."""
    user = os.getuid()
    try:
        return f"command line: {pwd.getpwuid(user).pw_name}"
    except KeyError:  # a container may have no name for the user
        return f"command line: user {user}"


def _table(listed: list[ApiKey]) -> str:
    rows = [("ID", "SCOPE", "NAME", "MADE", "LAST USED", "ENDED")]
    rows += [(str(key.id), key.scope, key.name, _time(key.created_at), _time(key.used_at), _time(key.ended_at)) for key in listed]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _time(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


if __name__ == "__main__":
    keys()
