"""Server-Sent Events as bytes (HTML standard, section 9.2): the frames of the service."""

from chat.domain.close_reason import CloseReason

RETRY_MS = 2400  # long enough that a restarting worker is back, short enough that nobody notices


def frame(event_id: int, kind: str, data: bytes) -> bytes:
    """One event. A field's value can hold no line break: data is JSON on one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event_id, kind.encode(), data)


def unnumbered(kind: str, data: bytes) -> bytes:
    """A frame without an id, for a signal: the client's cursor stays."""
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), data)


def data_of(frame: bytes) -> bytes:
    """The data of a frame made here."""
    return frame[frame.index(b"\ndata: ") + 7 : -2]


def hello(cursor: int) -> bytes:
    """The first bytes of a stream: an id without data moves the browser's last event id and fires nothing."""
    return b"retry: %d\n\nid: %d\n\n" % (RETRY_MS, cursor)


def heartbeat(cursor: int) -> bytes:
    """Named, because a page's script cannot see a comment; with an id, so that a quiet client does not fall behind the tail."""
    return b"id: %d\nevent: heartbeat\ndata: {}\n\n" % cursor


def reset(cursor: int) -> bytes:
    """The client's cursor is of what was lost, or beyond the newest id. cursor: where the stream goes on, and up to which events hold."""
    return b'id: %d\nevent: reset\ndata: {"cursor":%d}\n\n' % (cursor, cursor)


def bye(retry_ms: int) -> bytes:
    """The client should come back after that time. It is in the data too: a page's script cannot see a retry field."""
    return b'event: bye\nretry: %d\ndata: {"retry":%d}\n\n' % (retry_ms, retry_ms)


def end(reason: CloseReason) -> bytes:
    """The stream is over for good: the client should not come back."""
    return b'event: end\ndata: {"reason":"%s"}\n\n' % reason.encode()
