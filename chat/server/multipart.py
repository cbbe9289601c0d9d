"""An upload's multipart form (RFC 7578), read as it arrives: one file, and perhaps a text. Any other part is refused by its name."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from chat.domain import validation
from chat.domain.files import Caption, FileName, Piece
from chat.domain.shapes.answers import FieldError
from chat.domain.validation import Invalid
from chat.problems import BadInput, TooLarge, WrongType
from chat.server.request_body import CLOSE, PORTION_BYTES, read_portions

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PARTS = 2  # the file and its text
FORM_BYTES = 64 * 1024  # of a form without its file: boundaries, headers, the text
BUFFER_BYTES = 2 * PORTION_BYTES  # what the parser may keep: no header is larger
BOUNDARY_LENGTH = 70  # RFC 2046


def read_form(environ: "WSGIEnvironment", file_bytes: int, *, captioned: bool = True) -> Iterator[Piece]:
    """The form's pieces. captioned: there may be a text.

    Raises WrongType, TooLarge and BadInput, before anything is read if the headers show it."""
    kind, options = parse_options_header(environ.get("CONTENT_TYPE", ""))
    if kind != "multipart/form-data":
        raise WrongType(f"Content-Type is {kind or 'missing'}; this takes multipart/form-data", headers=CLOSE)
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if not 0 < len(boundary) <= BOUNDARY_LENGTH:
        raise BadInput.of("body", "names no boundary of 1 to 70 characters", CLOSE)
    events = _events(MultipartDecoder(boundary, BUFFER_BYTES, max_parts=PARTS), read_portions(environ, file_bytes + FORM_BYTES))
    return MultipartForm(file_bytes, ("file", "text") if captioned else ("file",)).pieces(events)


def _events(decoder: MultipartDecoder, portions: Iterable[bytes]) -> Iterator[Event]:
    try:
        for portion in portions:
            decoder.receive_data(portion)
            yield from _ready(decoder)
        decoder.receive_data(None)
        yield from _ready(decoder)
    except ValueError as error:
        raise BadInput.of("body", f"is no form that can be read: {error}", CLOSE) from None
    except RequestEntityTooLarge:
        raise BadInput.of("body", "has parts that are too many, or too large", CLOSE) from None


def _ready(decoder: MultipartDecoder) -> Iterator[Event]:
    event = decoder.next_event()
    while not isinstance(event, NeedData):
        yield event
        if isinstance(event, Epilogue):
            return
        event = decoder.next_event()


class MultipartForm:
    """The parts of one form that have been read, and their sizes."""

    def __init__(self, file_bytes: int, parts: Sequence[str]) -> None:
        self._most = file_bytes
        self._parts = parts
        self._seen: set[str] = set()
        self._size = 0
        self._text = b""

    def pieces(self, events: Iterable[Event]) -> Iterator[Piece]:
        in_file = False
        for event in events:
            if isinstance(event, File | Field):
                in_file = self._is_file(event)
            if isinstance(event, File):
                yield FileName(event.filename)
            if isinstance(event, Data) and in_file:
                yield self._file_data(event.data)
            elif isinstance(event, Data):
                self._add_text(event.data)
        if "file" not in self._seen:
            raise BadInput.of("file", "is missing", CLOSE)
        yield Caption(self._caption())

    def _is_file(self, part: File | Field) -> bool:
        """Checks a part that begins. Returns whether it is the file."""
        if part.name not in self._parts:
            known = " and ".join([f"`{name}`" for name in self._parts])
            raise BadInput.of("body", f"holds an unknown part {str(part.name)[:40]!r}; known: {known}", CLOSE)
        if part.name in self._seen:
            raise BadInput.of(part.name, "comes twice", CLOSE)
        if isinstance(part, File) != (part.name == "file"):
            raise BadInput.of(part.name, "has no filename" if part.name == "file" else "has a filename", CLOSE)
        self._seen.add(part.name)
        return part.name == "file"

    def _file_data(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge("", [FieldError("file", f"is larger than {self._most} bytes")], CLOSE)
        return data

    def _add_text(self, data: bytes) -> None:
        self._text += data
        if len(self._text) > validation.TEXT_BYTES:
            raise BadInput.of("text", f"is more than {validation.TEXT_BYTES} bytes of UTF-8 (16 KB)", CLOSE)

    def _caption(self) -> str:
        try:
            text = self._text.decode()
            return validation.text(text) if text else ""
        except UnicodeDecodeError:
            raise BadInput.of("text", "is not UTF-8", CLOSE) from None
        except Invalid as error:
            raise BadInput.of("text", str(error), CLOSE) from None
