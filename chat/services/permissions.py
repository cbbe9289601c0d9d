"""The rules of access, each written once, as SQL over a room `r`, an event `e`, a session `s` and a :reader.

Every query for a reader takes them along: what one may not see is not found. `post_messages` (schema.sql) has a copy of its own;
tests/operations/test_rules.py holds the two against each other. Who may edit or delete a message: message_changes.py beside this."""

from chat.domain.event import POSTED_KINDS

# A session of another kind is refused: its user signed out, was banned or changed the password, or did not come back for 30 days.
SESSION_ALIVE = "(s.ended_at IS NULL AND s.expires_at > now())"
# Who may know of a room, also of one that ended: everybody of an open one, except those it banned.
VISIBLE = """
    CASE r.kind
        WHEN 'open' THEN NOT EXISTS (SELECT FROM bans b WHERE b.room_id = r.id AND b.user_id = :reader)
        WHEN 'direct' THEN :reader IN (r.first_user_id, r.second_user_id)
        ELSE EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = :reader)
    END
"""
# A room is over from its expiry on; the event that ends it (`ended_at`) comes up to half a second later.
OVER = "(r.ended_at IS NOT NULL OR coalesce(r.expires_at <= now(), false))"
LIVING = f"(r.kind <> 'direct' AND NOT {OVER})"  # what lists of rooms show; conversations have a list of their own
# The id above which one reads: in an ephemeral room since one joined, and nothing before one has; elsewhere everything.
SINCE = """
    CASE WHEN r.expires IS NULL THEN 0
        ELSE (SELECT m.since - 1 FROM memberships m WHERE m.room_id = r.id AND m.user_id = :reader)
    END
"""
READABLE = f"(NOT {OVER} AND {VISIBLE} AND e.id > {SINCE})"
POSTED = f"IN ({', '.join(repr(kind) for kind in POSTED_KINDS)})"  # in the order that the index events_by_words has
