-- The record. Applied once, under an advisory lock, by `flask --app wsgi init-db`;
-- later changes are numbered steps in chat/services/steps/, applied in their order by the same command.

-- One row: the counter that all event ids are taken from, and what the schema is.
-- A transaction that will append locks this row before any other, so ids are dense and in commit order.
CREATE TABLE log (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    step integer NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO log DEFAULT VALUES;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> '' AND name !~ '^[0-9]+$'),
    name_key text NOT NULL CONSTRAINT users_name_taken UNIQUE,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    agent text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('open', 'closed', 'direct')),
    name text CHECK (name <> '' AND name !~ '^[0-9]+$'),
    name_key text CONSTRAINT rooms_name_taken UNIQUE,
    owner_id bigint REFERENCES users ON DELETE SET NULL,
    first_user_id bigint REFERENCES users ON DELETE CASCADE,
    second_user_id bigint REFERENCES users ON DELETE CASCADE,
    messages bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    CONSTRAINT rooms_one_conversation_a_pair UNIQUE (first_user_id, second_user_id),
    CONSTRAINT rooms_direct_has_a_pair_others_a_name CHECK (
        CASE kind
            WHEN 'direct' THEN name IS NULL AND name_key IS NULL AND owner_id IS NULL AND coalesce(first_user_id < second_user_id, false)
            ELSE name IS NOT NULL AND name_key IS NOT NULL AND first_user_id IS NULL AND second_user_id IS NULL
        END
    )
) WITH (fillfactor = 50);
CREATE INDEX rooms_of_second_user ON rooms (second_user_id) WHERE second_user_id IS NOT NULL;

CREATE TABLE memberships (
    room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    since bigint NOT NULL, -- the id of the event that made it
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id);

-- The log's record. What changes who may see what is an event like any message.
CREATE TABLE events (
    id bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('message', 'join', 'leave', 'session_ended')),
    room_id bigint REFERENCES rooms ON DELETE CASCADE,
    sender_id bigint NOT NULL REFERENCES users,
    recipient_id bigint REFERENCES users,
    session_id bigint, -- of session_ended; no reference, for the event outlives the session's row
    text text,
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((kind = 'message') = (text IS NOT NULL)),
    CHECK ((kind = 'session_ended') = (session_id IS NOT NULL)),
    CHECK ((kind = 'session_ended') = (room_id IS NULL)),
    CHECK (octet_length(text) <= 16384)
);
CREATE INDEX events_of_room ON events (room_id, id);
CREATE INDEX events_to_user ON events (recipient_id, id) WHERE recipient_id IS NOT NULL;
CREATE UNIQUE INDEX events_posted_once ON events (sender_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Group commit: all the posts that wait in a worker, in one transaction of one round trip. A function, so that its plan is kept:
-- planned each time it took as long as it runs. A key that was used, in the batch or before, is not answered here.
-- The first statement takes the counter row, so the second one's snapshot, taken after it, sees every earlier event,
-- removal and sign-out: whoever may not post by then does not.
CREATE FUNCTION post_messages(in_rooms bigint[], by_senders bigint[], by_sessions bigint[], texts text[], keys text[])
RETURNS TABLE (place bigint, id bigint, room_kind text, room_name text, recipient_id bigint, created_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM head FROM log FOR UPDATE;
    RETURN QUERY WITH posted AS (
        SELECT * FROM unnest(in_rooms, by_senders, by_sessions, texts, keys)
            WITH ORDINALITY AS p (room_id, sender_id, session_id, text, key, place)
    ), allowed AS (
        SELECT p.*, r.kind, r.name,
            CASE WHEN r.kind = 'direct' THEN r.first_user_id + r.second_user_id - p.sender_id END AS recipient_id
        FROM posted p
        JOIN rooms r ON r.id = p.room_id
        JOIN sessions s ON s.id = p.session_id AND s.ended_at IS NULL AND s.expires_at > now()
        WHERE CASE r.kind
            WHEN 'open' THEN true
            WHEN 'direct' THEN p.sender_id IN (r.first_user_id, r.second_user_id)
            ELSE EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = p.sender_id)
        END
    ), first_of_key AS (
        SELECT *, row_number() OVER (PARTITION BY sender_id, coalesce(key, 'place ' || place), key IS NULL ORDER BY place) AS turn
        FROM allowed a
    ), accepted AS (
        SELECT *, row_number() OVER (ORDER BY place) AS nth
        FROM first_of_key a
        WHERE turn = 1 AND (key IS NULL OR NOT EXISTS (
            SELECT FROM events e WHERE e.sender_id = a.sender_id AND e.idempotency_key = a.key
        ))
    ), taken AS (
        UPDATE log SET head = head + (SELECT count(*) FROM accepted)
        RETURNING head - (SELECT count(*) FROM accepted) AS before
    ), counted AS (
        UPDATE rooms r SET messages = r.messages + t.messages, bytes = r.bytes + t.bytes
        FROM (SELECT room_id, count(*) AS messages, sum(octet_length(text)) AS bytes FROM accepted GROUP BY room_id) t
        WHERE r.id = t.room_id
    ), written AS (
        INSERT INTO events (id, kind, room_id, sender_id, recipient_id, text, idempotency_key)
        SELECT before + nth, 'message', room_id, sender_id, recipient_id, text, key FROM accepted, taken ORDER BY nth
        RETURNING id, created_at
    )
    SELECT a.place, w.id, a.kind AS room_kind, a.name AS room_name, a.recipient_id, w.created_at
    FROM accepted a, taken t JOIN written w ON true
    WHERE w.id = t.before + a.nth
    ORDER BY w.id;
END
$$;
