"""`flask init-db`, the release command, and `flask after-restore`."""

import click
from flask import Flask

from chat.services import database, database_log, epochs, migrations
from chat.services.database import in_transactions, wait_without_end
from chat.services.models import db


@click.command("init-db")
def init_db() -> None:
    """Bring the database to this version's schema. Several may run at the same time."""
    wait_without_end()
    try:
        version = migrations.apply(db.engine)
    except migrations.Unfit as error:
        raise click.ClickException(str(error)) from None
    with in_transactions(db.engine).begin() as connection:
        database.set_for_role(connection)
    click.echo(f"The database is at version {version}.")
    if statements := database_log.keep_content_out(in_transactions(db.engine)):
        click.echo(f"PostgreSQL's log may hold what people write, until a superuser runs: {'; '.join(statements)};", err=True)


@click.command("after-restore")
def after_restore() -> None:
    """Begin a new epoch, whose event ids clients have not seen. Run it after a backup was restored, before the service starts."""
    click.echo(f"New events begin after {epochs.begin(in_transactions(db.engine))}.")


def init_app(app: Flask) -> None:
    app.cli.add_command(init_db)
    app.cli.add_command(after_restore)
