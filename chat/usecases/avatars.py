"""Users' avatars. Only uploads that look like a picture are decoded, and only their pixels are kept."""

import tempfile
from collections.abc import Iterable
from typing import BinaryIO

from sqlalchemy import Engine

from chat.domain.files import HEAD_BYTES, PICTURES, Piece, sniff
from chat.domain.refusals import NoPicture
from chat.services import avatars
from chat.services.files.previews import Previews

AVATAR_BYTES = 5 * 1024 * 1024  # of an upload: a phone's photograph


class Avatars:
    def __init__(self, reads: Engine, previews: Previews) -> None:
        self._reads = reads
        self._previews = previews

    def put(self, user_id: int, form: Iterable[Piece]) -> None:
        """Replaces the user's avatar with the form's picture. Raises NoPicture, Busy, and what the form raises."""
        with tempfile.TemporaryFile() as file:
            _store(file, form)
            picture = self._previews.avatar(file)
        if picture is None:
            raise NoPicture
        avatars.put(self._reads, user_id, picture)

    def delete(self, user_id: int) -> None:
        """Does nothing if there is none."""
        avatars.remove(self._reads, user_id)


def _store(file: BinaryIO, form: Iterable[Piece]) -> None:
    """On disk, because the uploads of many slow clients would not fit into memory."""
    for piece in form:
        if isinstance(piece, bytes):
            file.write(piece)
    file.seek(0)
    if sniff(file.read(HEAD_BYTES)) not in PICTURES:
        raise NoPicture
