"""Rooms as their owners and members change them. Each change is committed with its event and then published."""

from sqlalchemy import Engine

from chat.domain.refusals import NoSuchBan, NoSuchMember, RoomEnded, RoomIsOpen
from chat.domain.shapes.refs import RoomRef
from chat.services import invites, memberships, room_lifecycle, rooms
from chat.services.room_lifecycle import Reason
from chat.services.rooms import RoomChange, RoomSpec
from chat.services.tokens import hash_token
from chat.usecases.publisher import Publisher


class Rooms:
    def __init__(self, engine: Engine, publisher: Publisher, secret_key: str) -> None:
        self._engine = engine
        self._publisher = publisher
        self._secret_key = secret_key

    def create(self, spec: RoomSpec) -> tuple[int, str | None]:
        """Returns the new room's id, and the invite key of a closed one. Raises NameTaken."""
        keys: list[str] = []

        def key_hash(room_id: int) -> bytes:
            keys.append(invites.new_key(room_id))
            return self._hash(keys[0])

        room_id, join_id = rooms.create(self._engine, spec, key_hash if spec.kind == "closed" else None)
        self._publisher.announce(join_id)
        return room_id, keys[0] if keys else None

    def renew_invite(self, room: RoomRef) -> str:
        """A closed room's new key; the old one ends. Raises RoomIsOpen, RoomEnded."""
        if room.kind != "closed":
            raise RoomIsOpen
        key = invites.new_key(room.id)
        if not invites.renew_key(self._engine, room.id, self._hash(key)):
            raise RoomEnded
        return key

    def change(self, room_id: int, change: RoomChange) -> None:
        """Raises RoomEnded, WrongExpiry, TooManyMembers, NameTaken."""
        self._publisher.announce(rooms.change(self._engine, room_id, change))

    def close(self, room_id: int, reason: Reason) -> None:
        """Ends a room, once. Raises RoomEnded."""
        if not self._publisher.announce(room_lifecycle.close(self._engine, room_id, reason)):
            raise RoomEnded

    def join(self, room_id: int, user_id: int, invite_key: str) -> None:
        """Does nothing for a member. Raises NoSuchRoom, RoomEnded, RoomFull."""
        self._publisher.announce(memberships.join(self._engine, room_id, user_id, self._hash(invite_key) if invite_key else None))

    def leave(self, room_id: int, user_id: int) -> None:
        """Raises NoSuchMember."""
        if not self._publisher.announce(memberships.leave(self._engine, room_id, user_id)):
            raise NoSuchMember

    def remove(self, room_id: int, user_id: int) -> None:
        """Ends a membership on behalf of the owner. Raises NoSuchMember."""
        if not self._publisher.announce(memberships.leave(self._engine, room_id, user_id, "removed")):
            raise NoSuchMember

    def ban(self, room_id: int, user_id: int) -> None:
        """Removes the user, if a member, and keeps the user from joining."""
        self._publisher.announce(memberships.ban(self._engine, room_id, user_id))

    def unban(self, room_id: int, user_id: int) -> None:
        """Raises NoSuchBan."""
        if not memberships.unban(self._engine, room_id, user_id):
            raise NoSuchBan

    def _hash(self, key: str) -> bytes:
        return hash_token(key, self._secret_key)
