"""History: messages as one reader may read them, by id or in pages. What the reader may not read is not found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from chat.domain.record import Record
from chat.domain.validation import LARGEST_ID
from chat.services import records
from chat.services.permissions import POSTED, READABLE


@dataclass(frozen=True, slots=True)
class Window:
    """`most` messages of a list: above `after` oldest first, below `before` newest first, or on both sides of `around`."""

    most: int
    before: int | None = None
    after: int | None = None
    around: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in id order. more: the window's direction has others beyond them, newer ones with `after` and older ones otherwise.
    newer: there are newer ones."""

    records: list[Record]
    more: bool
    newer: bool


def page_of_room(engine: Engine, room_id: int, window: Window, since: int = 0) -> Page:
    """Messages of a room with an id above `since`."""
    return _page(engine, f"e.room_id = :owner AND e.id > {since:d}", room_id, window)


def page_of_inbox(engine: Engine, user_id: int, window: Window) -> Page:
    """Messages that others posted directly to a user."""
    return _page(engine, "e.recipient_id = :owner", user_id, window)


def _page(engine: Engine, condition: str, owner_id: int, window: Window) -> Page:
    """Reads one message more than the page has: it shows whether there are more."""

    def beyond(side: str, bound: int, most: int) -> list[Record]:
        where = f"WHERE {condition} AND e.kind {POSTED} AND e.id {side} :bound"
        order = f"ORDER BY e.id {'ASC' if side[0] == '>' else 'DESC'} LIMIT :most"
        return records.read(engine, f"{where} {order}", {"owner": owner_id, "bound": bound, "most": most})

    most = window.most
    if window.around is not None:
        return _middle(beyond("<=", window.around, most + 1), beyond(">", window.around, most + 1), most)
    if window.after is not None:
        newer = beyond(">", window.after, most + 1)
        return Page(newer[:most], len(newer) > most, len(newer) > most)
    older = beyond("<", LARGEST_ID, most + 1) if window.before is None else beyond("<", window.before, most + 1)
    return Page(older[most - 1 :: -1], len(older) > most, window.before is not None and bool(beyond(">=", window.before, 1)))


def _middle(older: list[Record], newer: list[Record], most: int) -> Page:
    """Half of the page from either side; one side gives more if the other has fewer. `older` comes newest first."""
    after = min(len(newer), max(most // 2, most - len(older)))
    before = min(len(older), most - after)
    return Page([*older[:before][::-1], *newer[:after]], len(older) > before, len(newer) > after)


def message(engine: Engine, message_id: int, reader_id: int) -> Record | None:
    where = f"WHERE e.id = :id AND e.kind {POSTED} AND {READABLE}"
    rows = records.read(engine, where, {"id": message_id, "reader": reader_id})
    return rows[0] if rows else None


def messages(engine: Engine, message_ids: Sequence[int], reader_id: int) -> list[Record]:
    """Those of the messages that were not deleted."""
    where = f"WHERE e.id = ANY (:ids) AND e.kind {POSTED} AND e.deleted_at IS NULL AND {READABLE}"
    return records.read(engine, where, {"ids": list(message_ids), "reader": reader_id})
