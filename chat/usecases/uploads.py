"""Uploading: space is reserved, the bytes are stored, and one transaction turns them into a file and posts its message.

An upload that fails leaves neither row nor bytes. After a killed worker the sweep removes them."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import gevent
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.event import Event
from chat.domain.files import HEAD_BYTES, PICTURES, Caption, FileName, Piece, file_name, sniff
from chat.domain.record import encode
from chat.domain.refusals import KeyUsed, NoSuchFile, UploadTooSlow
from chat.services import events, files, metrics
from chat.services.files import reservations
from chat.services.files.previews import Previews
from chat.services.files.reservations import UPLOAD_SECONDS, Content, EarlierPost, Limits, Reservation, Upload
from chat.services.files.store import Draft, Missing, Store, StoreFailed, check, failures, preview_key
from chat.usecases.publisher import Publisher
from chat.usecases.room_access import RoomAccess

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The message of a file. replayed: an earlier request with the same key posted it."""

    event: Event
    replayed: bool


class UploadReader:
    """Reads an upload. Only its first bytes stay in memory."""

    def __init__(self, draft: Draft | None) -> None:
        self._draft = draft
        self._hash = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._name = file_name("")
        self._text = ""

    def read(self, form: Iterable[Piece]) -> Content:
        """Reads the form to its end. Raises what the form raises, and StoreFailed."""
        for piece in form:
            if isinstance(piece, FileName):
                self._name = file_name(piece.name)
            elif isinstance(piece, Caption):
                self._text = piece.text
            else:
                self._write(piece)
        return Content(self._name, sniff(self._head), self._size, self._hash.digest(), self._text)

    def _write(self, portion: bytes) -> None:
        self._head += portion[: HEAD_BYTES - len(self._head)]
        self._hash.update(portion)
        self._size += len(portion)
        if self._draft is not None:
            with failures():
                self._draft.file.write(portion)


class Uploads:
    def __init__(
        self, engine: Engine, reads: Engine, store: Store, limits: Limits, publisher: Publisher, previews: Previews, access: RoomAccess
    ) -> None:
        self._engine = engine
        self._reads = reads
        self._store = store
        self.limits = limits
        self._access = access
        self._publisher = publisher
        self._previews = previews

    def check_store(self) -> None:
        """Logs it if no upload can be stored."""
        try:
            check(self._store)
        except StoreFailed as error:
            logger.warning("uploads cannot be stored: %s", error)

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The stored bytes from start up to stop, in portions. Raises NoSuchFile, StoreFailed."""
        try:
            return self._store.read(key, start, stop)
        except Missing as error:
            logger.warning("a file is not in the store: %s", error)
            raise NoSuchFile from error

    def receive(self, upload: Upload, length: int | None, form: Iterable[Piece], token: str) -> Uploaded:
        """Posts the file that the form contains. length: the body's, if it is known. token: the sender's.

        Raises OverLimit, KeyUsed, UploadTooSlow, StoreFailed, SQLAlchemyError, the refusals of RoomAccess, and what the form raises."""
        try:
            uploaded = self._receive(upload, length, form)
        except StoreFailed:
            self._access.readable(str(upload.room_id), upload.sender_id)  # a room that ended took the bytes with it: no fault of the store
            raise
        if uploaded is None:
            self._access.refuse_post(upload.room_id, upload.sender_id, token)
        return uploaded

    def _receive(self, upload: Upload, length: int | None, form: Iterable[Piece]) -> Uploaded | None:
        """None if the sender may not post there."""
        earlier = reservations.find_earlier(self._reads, upload)
        if earlier is not None:
            return self._replay(upload, earlier, self._read(None, form))
        most = self.limits.file
        reservation = reservations.reserve(self._engine, upload, most if length is None else min(length, most), self.limits)
        return self._store_and_post(upload, reservation, form)

    def _store_and_post(self, upload: Upload, reservation: Reservation, form: Iterable[Piece]) -> Uploaded | None:
        event_id = None
        try:
            content = self._store_bytes(reservation, form)
            event_id = reservations.commit(self._engine, upload, reservation, content)
        finally:
            if event_id is None:
                self._undo(reservation)
        if event_id is not None:
            return self._publish(event_id)
        earlier = reservations.find_earlier(self._reads, upload)
        return self._replay(upload, earlier, content) if earlier is not None else None

    def _store_bytes(self, reservation: Reservation, form: Iterable[Piece]) -> Content:
        draft = self._store.draft(reservation.key)
        try:
            content = self._read(draft, form)
            content = self._with_preview(reservation, draft, content) if content.type in PICTURES else content
            draft.keep(content.sha256)
        finally:
            draft.close()
        return content

    def _read(self, draft: Draft | None, form: Iterable[Piece]) -> Content:
        with gevent.Timeout(UPLOAD_SECONDS, UploadTooSlow):
            return UploadReader(draft).read(form)

    def _with_preview(self, reservation: Reservation, draft: Draft, content: Content) -> Content:
        picture = self._previews.make(draft.file)
        if picture is None:
            return content
        size = self._keep_preview(preview_key(reservation.key), picture.preview) if picture.preview else None
        return replace(content, preview_size=size, width=picture.width, height=picture.height)

    def _keep_preview(self, key: str, preview: bytes) -> int | None:
        """Returns its size. A preview that cannot be stored never fails its upload."""
        try:
            draft = self._store.draft(key)
            try:
                with failures():
                    draft.file.write(preview)
                draft.keep(hashlib.sha256(preview).digest())
            finally:
                draft.close()
        except StoreFailed as error:
            logger.warning("a preview was not stored: %s", error)
            return None
        return len(preview)

    def _undo(self, reservation: Reservation) -> None:
        """Keeps what is a file by now: a commit may have landed although its answer was lost."""
        try:
            files.remove_reserved(self._engine, self._store, reservation)
        except (StoreFailed, SQLAlchemyError) as error:
            logger.debug("a failed upload is left to the sweep: %s", error)  # the failure itself has its line

    def _replay(self, upload: Upload, earlier: EarlierPost, content: Content) -> Uploaded | None:
        """Answers the same request again. Raises KeyUsed for another request."""
        same = earlier.corrected or (earlier.text, earlier.name, earlier.sha256) == (content.text, content.name, content.sha256)
        if not same or earlier.room_id != upload.room_id:
            raise KeyUsed
        event = self._event(earlier.event_id)
        return Uploaded(event, replayed=True) if event else None

    def _publish(self, event_id: int) -> Uploaded | None:
        metrics.POSTS.inc()
        event = self._event(event_id)
        if event is None:
            return None
        self._publisher.publish([event])
        return Uploaded(event, replayed=False)

    def _event(self, event_id: int) -> Event | None:
        """None if its room has ended and was purged since."""
        records = events.read_range(self._reads, event_id - 1, event_id, 1)
        return encode(records[0]) if records else None
