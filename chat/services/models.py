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

    __table_args__ = (UniqueConstraint("name_key", name="users_name_taken"),)


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
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    first_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    second_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    messages: Mapped[int] = mapped_column(server_default=sql("0"))
    bytes: Mapped[int] = mapped_column(server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("name_key", name="rooms_name_taken"),
        UniqueConstraint("first_user_id", "second_user_id", name="rooms_one_conversation_a_pair"),
        Index("rooms_of_second_user", "second_user_id", postgresql_where=sql("second_user_id IS NOT NULL")),
    )


class Membership(Base):
    __tablename__ = "memberships"

    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[int]

    __table_args__ = (Index("memberships_of_user", "user_id"),)


class EventRow(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    sender_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[int | None]
    text: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        Index("events_of_room", "room_id", "id"),
        Index("events_to_user", "recipient_id", "id", postgresql_where=sql("recipient_id IS NOT NULL")),
        Index("events_posted_once", "sender_id", "idempotency_key", unique=True, postgresql_where=sql("idempotency_key IS NOT NULL")),
    )
