"""`admin key add|list|end`: API keys, made and ended in the database itself, by whoever has its address and the service's secret key."""

import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

import click
from sqlalchemy.exc import DBAPIError

from chat.cli import running
from chat.config import WrongSetting, database_url
from chat.services import api_keys
from chat.services.api_keys import SCOPES, ApiKey, Scope
from chat.services.database import one_connection
from chat.services.tokens import hash_token

NAME_LENGTH = 80

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True)
class Place:
    """Which service's keys: where its database is, and what its hashes are keyed with."""

    database_url: str
    secret_key: str


@click.group("key")
def keys() -> None:
    """API keys, for the admin interface and for programs that make rooms.

    Works on the database: DATABASE_URL and SECRET_KEY, or those of the bin/serve that runs on CHAT_DATA."""


@keys.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="admin", show_default=True, help="What it is for.")
@as_json
def add(name: str, scope: Scope, as_json: bool) -> None:
    """Make a key and print it: now, and to nobody again."""
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise click.BadParameter(f"has 1 to {NAME_LENGTH} printable characters", param_hint="NAME")
    key = api_keys.new_key(scope)
    with _place() as place:
        key_id = api_keys.add(one_connection(place.database_url), _actor(), name, scope, hash_token(key, place.secret_key))
    click.echo(json.dumps({"id": key_id, "name": name, "scope": scope, "key": key}) if as_json else key)


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """All keys, also those that have ended, and when each was last used."""
    with _place() as place:
        found = api_keys.listed(one_connection(place.database_url))
    click.echo(json.dumps([asdict(key) for key in found], default=str) if as_json else _table(found))


@keys.command("end")
@click.argument("key_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def end(key_id: int) -> None:
    """End a key: nobody gets in with it any more."""
    with _place() as place:
        ended = api_keys.end(one_connection(place.database_url), _actor(), key_id)
    if not ended:
        raise click.ClickException(f"no living key has the id {key_id}")
    click.echo(f"Key {key_id} has ended.")


@contextmanager
def _place() -> Iterator[Place]:
    """What goes wrong there is said in a line."""
    environment = running.environment(os.environ)
    try:
        yield Place(database_url(environment), environment.get("SECRET_KEY", ""))
    except WrongSetting as error:
        raise click.ClickException(f"{error}; or start bin/serve, and name its folder with CHAT_DATA") from None
    except DBAPIError as error:
        raise click.ClickException(f"the database does not answer as it should: {str(error.orig).splitlines()[0]}") from None


def _actor() -> str:
    """Who it is by the system's own word: the environment may say anything."""
    user = os.getuid()
    try:
        return f"command line: {pwd.getpwuid(user).pw_name}"
    except KeyError:  # of a container that names nobody
        return f"command line: user {user}"


def _table(found: list[ApiKey]) -> str:
    rows = [("ID", "SCOPE", "NAME", "MADE", "LAST USED", "ENDED")]
    rows += [(str(key.id), key.scope, key.name, _time(key.created_at), _time(key.used_at), _time(key.ended_at)) for key in found]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _time(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


if __name__ == "__main__":
    keys()
