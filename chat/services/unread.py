"""How many messages of a room a reader has not read: SQL fragments for the queries of rooms, so that a page of rooms is one query.

The messages are counted by index scans of bounded length, when they are asked for. Posting pays nothing for it."""

import re
from dataclasses import dataclass
from typing import Any

from chat.services.permissions import POSTED

COUNTED_MESSAGES = 1000  # at most, in a room
SCANNED_EVENTS = 2 * COUNTED_MESSAGES  # of a room's newest events: the reader's own messages, joins and reactions among them do not count


@dataclass(frozen=True, slots=True)
class Reader:
    """The user for whom rooms are read. name: counts as a mention after an @."""

    id: int
    name: str

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the SQL here."""
        return {"reader": self.id, "mention": mention(self.name)}


def mention(name: str) -> str:
    """PostgreSQL's regular expression for @name as a whole word.

    A dot, dash or underscore without a letter after it ends the sentence and is not part of the name. After a letter, @ is an address."""
    return rf"(?<![[:alnum:]_])@{re.escape(name)}(?![[:alnum:]]|[._-]+[[:alnum:]])"


# Of a room `r`: the reader's membership `mine` and `marker`, and `read.upto`, the event up to which they have read: the later of the
# marker and their join, and NULL if they are not a member.
READ_JOIN = """
    LEFT JOIN memberships mine ON mine.room_id = r.id AND mine.user_id = :reader
    LEFT JOIN read_markers marker ON marker.room_id = r.id AND marker.user_id = :reader
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN r.kind = 'direct' THEN coalesce(marker.upto, 0)
            WHEN mine.since IS NOT NULL THEN greatest(mine.since, marker.upto)
        END AS upto
    ) read
"""

# The number of other users' messages above `read.upto`, and of those among them that mention the reader.
UNREAD_JOIN = f"""
    CROSS JOIN LATERAL (
        SELECT count(*) AS unread, count(*) FILTER (WHERE strpos(text, '@') > 0 AND text ~* :mention) AS mentions
        FROM (
            SELECT text FROM (
                SELECT kind, sender_id, deleted_at, text FROM events
                WHERE room_id = r.id AND id > read.upto ORDER BY id DESC LIMIT {SCANNED_EVENTS}
            ) newest
            WHERE kind {POSTED} AND sender_id IS DISTINCT FROM :reader AND deleted_at IS NULL
            LIMIT {COUNTED_MESSAGES}
        ) fresh
    ) counted
"""

# The id of the newest message that the reader may read.
NEWEST_ID = f"""
    CASE WHEN r.messages = 0 THEN 0 ELSE coalesce((
        SELECT e.id FROM events e
        WHERE e.room_id = r.id AND e.kind {POSTED}
            AND e.id >= CASE WHEN r.expires IS NULL THEN 0 ELSE mine.since END
        ORDER BY e.id DESC LIMIT 1
    ), 0) END
"""
