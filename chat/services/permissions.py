"""Who may read what, as SQL that every query of a reader takes along: of a room `r`, an event `e` and a :reader.

What one may not see is not found: access is part of each query, and in the same words in all of them."""

# Who may know of a room, also of one that ended: of an open one everybody but whom it banned.
VISIBLE = """
    CASE r.kind
        WHEN 'open' THEN NOT EXISTS (SELECT FROM bans b WHERE b.room_id = r.id AND b.user_id = :reader)
        WHEN 'direct' THEN :reader IN (r.first_user_id, r.second_user_id)
        ELSE EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = :reader)
    END
"""
OVER = "(r.ended_at IS NOT NULL OR coalesce(r.expires_at <= now(), false))"  # nobody waits for the event to be told so
# The id above which one reads: in an ephemeral room since one joined, and nothing before one has; elsewhere everything.
SINCE = """
    CASE WHEN r.expires IS NULL THEN 0
        ELSE (SELECT m.since - 1 FROM memberships m WHERE m.room_id = r.id AND m.user_id = :reader)
    END
"""
POSTED = "IN ('message', 'file', 'announcement')"  # the kinds that history lists; the index events_by_words has them in the same words
READABLE = f"(NOT {OVER} AND {VISIBLE} AND e.id > {SINCE})"
