"""What a user may do with a room. Access is part of the query: a room that the user may not know of does not exist."""

from typing import NoReturn

from chat.domain.refusals import NoSuchRoom, NotAMember, NotTheOwner, RoomEnded, SessionInvalid
from chat.domain.shapes.refs import RoomRef
from chat.services.rooms import Access
from chat.usecases.identities import Identities
from chat.usecases.lookups import Lookups


class RoomAccess:
    """Finds rooms by id or name. Every method raises NoSuchRoom and RoomEnded."""

    def __init__(self, lookups: Lookups, identities: Identities) -> None:
        self._lookups = lookups
        self._identities = identities

    def find(self, reference: str, user_id: int) -> RoomRef:
        """A room that the user may know of."""
        return self._access(reference, user_id).room

    def readable(self, reference: str, user_id: int) -> tuple[RoomRef, int]:
        """A room that the user reads, and the id above which. Raises NotAMember."""
        access = self._access(reference, user_id)
        if access.since is None:
            raise NotAMember
        return access.room, access.since

    def owned(self, reference: str, user_id: int) -> RoomRef:
        """Raises NotTheOwner."""
        access = self._access(reference, user_id)
        if access.owner_id != user_id:
            raise NotTheOwner
        return access.room

    def refuse_post(self, room_id: int, user_id: int, token: str) -> NoReturn:
        """Raises the reason for which the transaction of a post refused it: SessionInvalid, or a reason of the room, or NotAMember."""
        if self._identities.is_over(token):
            raise SessionInvalid
        self.find(str(room_id), user_id)
        raise NotAMember

    def _access(self, reference: str, user_id: int) -> Access:
        access = self._lookups.room(reference, user_id)
        if access is None:
            raise NoSuchRoom
        if access.over:
            raise RoomEnded
        return access
