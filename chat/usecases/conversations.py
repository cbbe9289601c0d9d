"""The direct room of two people, created when one of them first writes to the other."""

from sqlalchemy import Engine

from chat.domain.refusals import KeyUsed, SelfConversation
from chat.services import conversations, posting


class Conversations:
    """`engine` is for transactions, `reads` for what needs none."""

    def __init__(self, engine: Engine, reads: Engine) -> None:
        self._engine = engine
        self._reads = reads

    def find(self, user_id: int, other_id: int) -> int | None:
        """The room's id, or None if the two never wrote to each other. Raises SelfConversation."""
        if user_id == other_id:
            raise SelfConversation
        return conversations.find(self._reads, user_id, other_id)

    def find_or_begin(self, user_id: int, other_id: int, key: str | None) -> int:
        """The room's id. Raises SelfConversation, and KeyUsed for a new room: the user sent that Idempotency-Key elsewhere."""
        room_id = self.find(user_id, other_id)
        if room_id is not None:
            return room_id
        if key is not None and posting.key_is_used(self._reads, user_id, key):
            raise KeyUsed
        return conversations.begin(self._engine, user_id, other_id)
