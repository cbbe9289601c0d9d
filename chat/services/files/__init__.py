"""Uploaded files: rows of the `files` table, and their bytes in a store, which is a folder or a bucket."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from chat.services.files.bucket import Bucket, address_of
from chat.services.files.folder import Folder
from chat.services.files.removal import remove_deleted, remove_reserved, remove_room, sweep
from chat.services.files.store import Missing, Store, StoreFailed

__all__ = ["Missing", "Store", "StoreFailed", "open_store", "remove_deleted", "remove_reserved", "remove_room", "sweep"]


def open_store(url: str) -> Store:
    """FILES_URL as a store: a folder's path or file:// URL, or s3://key:secret@host/bucket. Touches neither the disk nor the network."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Bucket(address_of(url))
    return Folder(Path(unquote(parts.path) if parts.scheme == "file" else url))
