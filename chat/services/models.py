"""Flask-SQLAlchemy models of the tables that are plain records: users, avatars, API keys, audit entries.

Their services read and write through them, on the engine and without an ORM session: a session holds a connection from its first query
to its end, and a worker has five. Rules of the other tables (rights, locks, the counter of ids) stand in the statements themselves, so
those are SQL, and schema.sql is their only definition. tests/operations/test_schema.py compares these models with it."""

from datetime import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry


class Base(DeclarativeBase):
    registry = registry(type_annotation_map={str: Text, int: BigInteger, datetime: DateTime(timezone=True), bytes: LargeBinary})


db = SQLAlchemy(model_class=Base)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    banned_at: Mapped[datetime | None]
    about: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (UniqueConstraint("name_key", name="users_name_taken"),)


class Avatar(Base):
    __tablename__ = "avatars"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Identity(always=True))
    picture: Mapped[bytes]


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    scope: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AuditEntry(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[str] = mapped_column(server_default="")
