"""A user's picture: only what surely is one is looked at, and nothing of the upload is kept but its pixels."""

import tempfile
from collections.abc import Iterable
from typing import BinaryIO

from sqlalchemy import Engine

from chat.domain.files import HEAD_BYTES, PICTURES, Piece, sniffed
from chat.domain.refusals import NoPicture
from chat.services import avatars
from chat.services.files.previews import Previews

AVATAR_BYTES = 5 * 1024 * 1024  # of an upload: a telephone's photograph


class Avatars:
    def __init__(self, reads: Engine, previews: Previews) -> None:
        self._reads = reads
        self._previews = previews

    def put(self, user_id: int, form: Iterable[Piece]) -> None:
        """Takes the form's picture in the place of any other. Raises NoPicture, Busy, and what the form raises."""
        with tempfile.TemporaryFile() as file:
            _take(file, form)
            picture = self._previews.avatar(file)
        if picture is None:
            raise NoPicture
        avatars.put(self._reads, user_id, picture)

    def delete(self, user_id: int) -> None:
        """Does nothing if there is none."""
        avatars.remove(self._reads, user_id)


def _take(file: BinaryIO, form: Iterable[Piece]) -> None:
    """On the disk: so many uploads of people who send slowly would not fit into memory."""
    for piece in form:
        if isinstance(piece, bytes):
            file.write(piece)
    file.seek(0)
    if sniffed(file.read(HEAD_BYTES)) not in PICTURES:
        raise NoPicture
