"""The upload sweep: removes what killed workers left of uploads, and the bytes of deleted files that a store did not remove at once."""

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import files
from chat.services.files import Store
from chat.upkeep.repeat import repeat

SWEEP_SECONDS = 60.0  # an upload is swept when it can no longer be completed: there is no hurry


class UploadSweep:
    def __init__(self, hub: Hub, engine: Engine, store: Store) -> None:
        self._hub = hub
        self._engine = engine
        self._store = store

    def start(self) -> None:
        repeat(self._hub, SWEEP_SECONDS, self.sweep)

    def sweep(self) -> int:
        """Returns how many files were removed. Any worker may do it. Raises StoreFailed, SQLAlchemyError."""
        return files.sweep(self._engine, self._store)
