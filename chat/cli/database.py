"""`flask init-db`, the release command, and `flask after-restore`. What goes wrong is one line, and the exit code is not 0."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from chat.loggers.faults import describe
from chat.services import database, database_log, epochs, migrations
from chat.services.database import in_transactions, wait_without_end
from chat.services.models import db
from chat.services.reachable import wait_until_reachable

ANSWER_SECONDS = 60.0  # a database that is started together with the service is there by then


@click.command("init-db")
def init_db() -> None:
    """Bring the database to this version's schema. Several may run at the same time."""
    with _database() as engine:
        wait_without_end()
        try:
            version = migrations.apply(engine)
        except migrations.Unfit as error:
            raise click.ClickException(str(error)) from None
        with in_transactions(engine).begin() as connection:
            database.set_for_role(connection)
        statements = database_log.keep_content_out(in_transactions(engine))
    click.echo(f"The database is at version {version}.")
    if statements:
        click.echo(f"PostgreSQL's log may hold what people write, until a superuser runs: {'; '.join(statements)};", err=True)


@click.command("after-restore")
def after_restore() -> None:
    """Begin a new epoch, whose event ids clients have not seen. Run it after a backup was restored, before the service starts."""
    with _database() as engine:
        newest = epochs.begin(in_transactions(engine))
    click.echo(f"New events begin after {newest}.")


@contextmanager
def _database() -> Iterator[Engine]:
    """Its engine, as soon as the database answers."""
    try:
        wait_until_reachable(db.engine, ANSWER_SECONDS, lambda error: click.echo(f"Waiting for the database: {describe(error)}"))
        yield db.engine
    except DBAPIError as error:
        raise click.ClickException(f"the database does not answer as it should: {describe(error)}") from None


def init_app(app: Flask) -> None:
    app.cli.add_command(init_db)
    app.cli.add_command(after_restore)
