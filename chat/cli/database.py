"""`flask init-db`: the release command, which may run any number of times and places at once."""

import click
from flask import Flask

from chat.services import schema
from chat.services.models import db


@click.command("init-db")
def init_db() -> None:
    """Bring the database to this version's schema."""
    try:
        step = schema.apply(db.engine)
    except schema.NewerSchema as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The database is at step {step}.")


def init_app(app: Flask) -> None:
    app.cli.add_command(init_db)
