"""Editing and deleting messages, and reacting to them. Each change is committed with its event and then published."""

import logging

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chat.services import files, message_changes
from chat.services.files import Store, StoreFailed
from chat.services.message_changes import ChangeRequest
from chat.usecases.publisher import Publisher

logger = logging.getLogger(__name__)


class MessageChanges:
    """Each call raises NoSuchMessage, SessionInvalid, RoomEnded."""

    def __init__(self, engine: Engine, store: Store, publisher: Publisher) -> None:
        self._engine = engine
        self._store = store
        self._publisher = publisher

    def edit(self, change: ChangeRequest, text: str) -> None:
        """Raises NotTheSender, EmptyText."""
        self._publisher.announce(message_changes.edit(self._engine, change, text))

    def delete(self, change: ChangeRequest) -> None:
        """Raises NotTheSender."""
        deletion = message_changes.delete(self._engine, change)
        self._publisher.announce(deletion.event_id)
        if deletion.file_id is not None:
            self._remove_bytes(deletion.file_id)

    def react(self, change: ChangeRequest, emoji: str) -> None:
        """Does nothing for a reaction that exists. Raises TooManyReactions."""
        self._publisher.announce(message_changes.react(self._engine, change, emoji))

    def unreact(self, change: ChangeRequest, emoji: str) -> None:
        """Does nothing for a reaction that does not exist."""
        self._publisher.announce(message_changes.unreact(self._engine, change, emoji))

    def _remove_bytes(self, file_id: int) -> None:
        """Nobody can read the bytes since the commit, whether this succeeds or not."""
        try:
            files.remove_deleted(self._engine, self._store, file_id)
        except (StoreFailed, SQLAlchemyError) as error:
            logger.warning("the bytes of a deleted file are left to the sweep: %s", error)
