"""Rules that the schema needs a copy of: `post_messages` and an index say the same as the SQL of chat/services/permissions.py."""

from sqlalchemy import text

from chat.domain.validation import ABOUT_LENGTH, EMOJI_BYTES, TEXT_BYTES
from chat.services.migrations import SCHEMA
from chat.services.permissions import POSTED, READABLE, SESSION_ALIVE
from tests.harness.tables import engine_of

# Open, closed and direct rooms that live, are past their expiry or have ended; sessions likewise, of people with and without a right.
EVERY_STATE = """
    INSERT INTO users (name, name_key, password_hash) SELECT n, n, '' FROM unnest(ARRAY['ada', 'bob', 'member', 'banned', 'other']) n;
    INSERT INTO rooms (kind, name, name_key, ended_at, expires, expires_at)
    SELECT kind, n, n, ended_at, expires, expires_at FROM unnest(ARRAY['open', 'closed']) kind,
        unnest(ARRAY[NULL, now()]) ended_at,
        (VALUES (NULL, NULL), ('at', now() - interval '1 minute'), ('at', now() + interval '1 minute'), ('when_empty', NULL))
            lifetime (expires, expires_at),
        LATERAL concat_ws(' ', kind, ended_at, expires, expires_at) n;
    INSERT INTO rooms (kind, first_user_id, second_user_id) VALUES ('direct', 1, 2);
    INSERT INTO sessions (user_id, token_hash, ended_at, expires_at)
    SELECT u.id, sha256(convert_to(concat_ws(' ', u.id, ended_at, expires_at), 'UTF8')), ended_at, expires_at
    FROM users u, unnest(ARRAY[NULL, now()]) ended_at, unnest(ARRAY[now() - interval '1 minute', now() + interval '1 minute']) expires_at;
    INSERT INTO memberships (room_id, user_id, since)
    SELECT r.id, u.id, 1 FROM rooms r, users u WHERE u.name = 'member' AND r.kind <> 'direct';
    INSERT INTO bans (room_id, user_id) SELECT r.id, u.id FROM rooms r, users u WHERE u.name = 'banned' AND r.kind <> 'direct'
"""
# Whoever reads what is new in a room, with a session that lives, may post there.
ALLOWED = f"""
    SELECT r.id AS room, s.id AS session FROM rooms r, sessions s, LATERAL (SELECT s.user_id AS reader, 1 AS id) e
    WHERE {SESSION_ALIVE} AND {READABLE}
""".replace(":reader", "e.reader")
EVERY_POST = "SELECT r.id AS room, s.user_id AS sender, s.id AS session FROM rooms r, sessions s"
POST = "SELECT place FROM post_messages(:rooms, :senders, :sessions, :texts, CAST(:nothing AS text[]), CAST(:nothing AS bigint[]))"


def test_whoever_reads_a_room_may_post_there_and_nobody_else(database_url: str) -> None:
    with engine_of(database_url).begin() as connection:
        connection.exec_driver_sql(EVERY_STATE)
        allowed = {(row.room, row.session) for row in connection.execute(text(ALLOWED))}
        posts = connection.execute(text(EVERY_POST)).all()
        rooms, senders, sessions = map(list, zip(*posts, strict=True))
        values = {"rooms": rooms, "senders": senders, "sessions": sessions, "texts": ["hello"] * len(posts), "nothing": [None] * len(posts)}
        accepted = [posts[place - 1] for place in connection.scalars(text(POST), values)]
    assert 10 < len(allowed) < len(posts) / 2
    assert {(post.room, post.session) for post in accepted} == allowed


def test_the_index_of_words_holds_what_counts_as_posted() -> None:
    assert f"WHERE kind {POSTED} AND deleted_at IS NULL;" in SCHEMA.read_text()
    assert f"CHECK ((kind {POSTED}) = (text IS NOT NULL))" in SCHEMA.read_text()


def test_the_schema_has_the_sizes_of_validation() -> None:
    schema = SCHEMA.read_text()
    assert f"CHECK (octet_length(text) <= {TEXT_BYTES})" in schema
    assert f"CHECK (char_length(about) <= {ABOUT_LENGTH})" in schema
    assert schema.count(f"CHECK (octet_length(emoji) BETWEEN 1 AND {EMOJI_BYTES})") == schema.count("octet_length(emoji)") == 2
