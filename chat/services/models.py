"""The tables of schema.sql as Flask-SQLAlchemy models; a test holds the two against each other."""

from datetime import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Index, Integer, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry


class Base(DeclarativeBase):
    registry = registry(
        type_annotation_map={str: Text, int: BigInteger, datetime: DateTime(timezone=True), bytes: LargeBinary, bool: Boolean}
    )


db = SQLAlchemy(model_class=Base)


class LogHead(Base):
    __tablename__ = "log"

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=sql("true"))
    head: Mapped[int] = mapped_column(server_default=sql("0"))
    step: Mapped[int] = mapped_column(Integer, server_default=sql("0"))


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


class Session(Base):
    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes]
    agent: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("token_hash"), Index("sessions_of_user", "user_id"))


class Room(Base):
    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str | None]
    name_key: Mapped[str | None]
    topic: Mapped[str] = mapped_column(server_default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    first_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    second_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    max_members: Mapped[int | None] = mapped_column(Integer)
    messages: Mapped[int] = mapped_column(server_default=sql("0"))
    bytes: Mapped[int] = mapped_column(server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    empty_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("first_user_id", "second_user_id", name="rooms_one_conversation_a_pair"),
        Index("rooms_name_taken", "name_key", unique=True, postgresql_where=sql("ended_at IS NULL")),
        Index("rooms_by_name", "name_key", "id"),
        Index("rooms_expiring", "expires_at", postgresql_where=sql("ended_at IS NULL AND expires_at IS NOT NULL")),
        Index("rooms_ending_when_empty", "id", postgresql_where=sql("ended_at IS NULL AND expires = 'when_empty'")),
        Index("rooms_to_purge", "id", postgresql_where=sql("ended_at IS NOT NULL AND purged_at IS NULL")),
        Index("rooms_of_second_user", "second_user_id", postgresql_where=sql("second_user_id IS NOT NULL")),
    )


class Membership(Base):
    __tablename__ = "memberships"

    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[int]

    __table_args__ = (Index("memberships_of_user", "user_id"),)


class ReadMarker(Base):
    __tablename__ = "read_markers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    upto: Mapped[int]

    __table_args__ = (Index("read_markers_of_room", "room_id"),)


class Invite(Base):
    __tablename__ = "invites"

    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    key_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Ban(Base):
    __tablename__ = "bans"

    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("bans_of_user", "user_id"),)


class File(Base):
    __tablename__ = "files"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes | None]
    key: Mapped[str]
    preview_key: Mapped[str | None]
    preview_size: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    stored_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("preview_key"),
        Index("files_of_room", "room_id"),
        Index("files_of_user", "user_id"),
        Index("files_under_way", "created_at", postgresql_where=sql("stored_at IS NULL")),
        Index("files_to_remove", "id", postgresql_where=sql("removed_at IS NOT NULL")),
    )


class EventRow(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[int | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    target_id: Mapped[int | None]
    reply_to: Mapped[int | None]
    text: Mapped[str | None]
    reason: Mapped[str | None]
    emoji: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("file_id"),
        Index("events_of_room", "room_id", "id"),
        Index("events_to_user", "recipient_id", "id", postgresql_where=sql("recipient_id IS NOT NULL")),
        Index("events_posted_once", "sender_id", "idempotency_key", unique=True, postgresql_where=sql("idempotency_key IS NOT NULL")),
        Index("events_about", "target_id", postgresql_where=sql("target_id IS NOT NULL")),
        Index(
            "events_by_words",
            sql("to_tsvector('simple', text)"),
            postgresql_using="gin",
            postgresql_where=sql("kind IN ('message', 'file', 'announcement') AND deleted_at IS NULL"),
        ),
        Index("events_replies", "reply_to", postgresql_where=sql("reply_to IS NOT NULL")),
    )


class Reaction(Base):
    __tablename__ = "reactions"

    message_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    emoji: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    scope: Mapped[str]
    key_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("key_hash"),)


class AuditEntry(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[str] = mapped_column(server_default="")
