"""FILES_URL as a store: a folder's path or file:// URL, or s3://key:secret@host/bucket."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from chat.services.files.bucket import Bucket, address_of
from chat.services.files.folder import Folder
from chat.services.files.store import Store


def open_store(url: str) -> Store:
    """Touches neither the disk nor the network."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return Bucket(address_of(url))
    return Folder(Path(unquote(parts.path) if parts.scheme == "file" else url))
