"""Uploaded files: rows of the `files` table, and their bytes in a store, which is a folder or a bucket."""

from chat.services.files.removal import remove_deleted, remove_room, sweep
from chat.services.files.store import Missing, Store, StoreFailed
from chat.services.files.stores import open_store

__all__ = ["Missing", "Store", "StoreFailed", "open_store", "remove_deleted", "remove_room", "sweep"]
