"""`flask init-db`, the release command, and `flask after-restore`."""

import click
from flask import Flask

from chat.services import migrations
from chat.services.database import in_transactions, wait_without_end
from chat.services.models import db

SEEN_AT_MOST = 10_000_000  # events since the backup: more than a day at 100 a second


@click.command("init-db")
def init_db() -> None:
    """Bring the database to this version's schema. Several may run at the same time."""
    wait_without_end()
    try:
        version = migrations.apply(db.engine)
    except migrations.Unfit as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The database is at version {version}.")


@click.command("after-restore")
def after_restore() -> None:
    """Move the event counter beyond every id that clients saw before the backup was restored. Run it before the service starts."""
    click.echo(f"New events begin after {migrations.move_ahead(in_transactions(db.engine), SEEN_AT_MOST)}.")


def init_app(app: Flask) -> None:
    app.cli.add_command(init_db)
    app.cli.add_command(after_restore)
