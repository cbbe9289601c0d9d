"""Databases on a running PostgreSQL. The schema is applied once, to a template, and each test gets a clone."""

import itertools
import os

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import make_url

from chat.services import migrations
from tests.harness.tables import engine_of, execute


class Databases:
    """Creates databases beside the one of `admin_url`, and drops all of them at the end."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = make_url(admin_url).set(drivername="postgresql")
        self._names = (f"chat_test_{os.getpid()}_{number}" for number in itertools.count())
        self._made: list[str] = []
        self._template: str | None = None

    def clone(self) -> str:
        """The URL of a new database with the schema and nothing in it."""
        if self._template is None:
            self._template = self._create("template0")
            migrations.apply(engine_of(self._url(self._template)))
        url = self._url(self._create(self._template))
        execute(url, "UPDATE log SET origin = log_origin()")  # a clone is a database of its own, whose ids begin at 1
        return url

    def empty(self) -> str:
        """The URL of a new database without a schema."""
        return self._url(self._create("template0"))

    def drop(self, url: str) -> None:
        name = make_url(url).database
        assert name in self._made, f"not made here: {name}"
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)
        self._made.remove(name)

    def close(self) -> None:
        for name in list(self._made):
            self.drop(self._url(name))

    def _create(self, template: str) -> str:
        name = next(self._names)
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'"), name, template)
        self._made.append(name)
        return name

    def _execute(self, statement: sql.SQL, *names: str) -> None:
        connection = psycopg2.connect(self._admin_url.render_as_string(hide_password=False))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement.format(*map(sql.Identifier, names)))
        finally:
            connection.close()

    def _url(self, name: str) -> str:
        return self._admin_url.set(database=name).render_as_string(hide_password=False)
