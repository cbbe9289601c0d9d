"""How much of a room somebody has not read: SQL that the queries of rooms take along, so that a page of rooms is one query.

What is counted is found by index scans of bounded length; posting pays nothing for it."""

import re
from dataclasses import dataclass
from typing import Any

from chat.services.permissions import POSTED

MOST = 1000  # counted in a room
SCANNED = 2 * MOST  # of a room's newest events: one's own messages, joins and reactions among them are passed over


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose view of rooms is asked for; the name is what mentions go by."""

    id: int
    name: str

    @property
    def values(self) -> dict[str, Any]:
        """What the SQL here wants to know."""
        return {"reader": self.id, "mention": mention(self.name)}


def mention(name: str) -> str:
    """PostgreSQL's regular expression for @name as a whole word.

    A dot, dash or underline that no letter follows ends the sentence, not the name; a letter right before makes an address of it."""
    return rf"(?<![[:alnum:]_])@{re.escape(name)}(?![[:alnum:]]|[._-]+[[:alnum:]])"


# Of a room `r`: the reader's membership and marker, and up to which event they have read, which is since joining where no marker
# is further; nothing for who is no member.
READING = """
    LEFT JOIN memberships mine ON mine.room_id = r.id AND mine.user_id = :reader
    LEFT JOIN read_markers marker ON marker.room_id = r.id AND marker.user_id = :reader
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN r.kind = 'direct' THEN coalesce(marker.upto, 0)
            WHEN mine.since IS NOT NULL THEN greatest(mine.since, marker.upto)
        END AS upto
    ) read
"""

# Messages of others above `read.upto`, and those of them that mention the reader.
COUNTED = f"""
    CROSS JOIN LATERAL (
        SELECT count(*) AS unread, count(*) FILTER (WHERE strpos(text, '@') > 0 AND text ~* :mention) AS mentions
        FROM (
            SELECT text FROM (
                SELECT kind, sender_id, deleted_at, text FROM events
                WHERE room_id = r.id AND id > read.upto ORDER BY id DESC LIMIT {SCANNED}
            ) newest
            WHERE kind {POSTED} AND sender_id IS DISTINCT FROM :reader AND deleted_at IS NULL
            LIMIT {MOST}
        ) fresh
    ) counted
"""

# The newest message that the reader may read.
NEWEST = f"""
    CASE WHEN r.messages = 0 THEN 0 ELSE coalesce((
        SELECT e.id FROM events e
        WHERE e.room_id = r.id AND e.kind {POSTED}
            AND e.id >= CASE WHEN r.expires IS NULL THEN 0 ELSE mine.since END
        ORDER BY e.id DESC LIMIT 1
    ), 0) END
"""
