-- The schema of a new database. `flask --app wsgi init-db` applies it once, under an advisory lock.
-- A later change is made here and in a numbered step of this folder, which the same command applies to an older database (docs/migrations.md).
-- A new column stands last in its table, where a step adds it.

-- Which past a database has: of which system, on which timeline, and which database it is. A standby that is promoted is on a new
-- timeline, and a dump is restored into another system or another database.
CREATE FUNCTION log_origin() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()))
$$;

-- One row: the counter that all event ids are taken from, and what the schema is.
-- A transaction that will append locks this row before any other, so ids are dense and in commit order.
CREATE TABLE log (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    step integer NOT NULL DEFAULT 0, -- the schema's version
    compatible_from integer NOT NULL DEFAULT 1, -- the lowest version of the service that may run on it
    under_way integer, -- a step outside a transaction that has begun and not ended
    origin text NOT NULL DEFAULT log_origin() -- where the present epoch began
) WITH (fillfactor = 10);
INSERT INTO log DEFAULT VALUES;

-- The epochs of the log, the present one with the greatest `first`. Ids above `last` and up to `first` are no events: those that were
-- lost when the record went back to an earlier state are among them, and never come again.
CREATE TABLE epochs (
    name text PRIMARY KEY DEFAULT left(md5(gen_random_uuid()::text), 12),
    last bigint NOT NULL, -- the newest event that the epoch before kept
    first bigint NOT NULL UNIQUE, -- the events of this epoch have ids above it
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (last <= first)
);
INSERT INTO epochs (last, first) VALUES (0, 0);

-- Begins a new epoch. Its ids begin above all that were taken before: 10,000,000 events
-- are more than a day at 100 a second, and no log takes ids faster than one a millisecond for long. known: an id that was taken.
CREATE FUNCTION begin_epoch(known bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first_id bigint;
BEGIN
    SELECT greatest(greatest(head, known) + 10000000, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) INTO first_id FROM log
    FOR UPDATE;
    INSERT INTO epochs (last, first) SELECT head, first_id FROM log;
    UPDATE log SET head = first_id, origin = log_origin();
    RETURN first_id;
END
$$;

-- Locks the counter row: the first thing that a transaction does that will append. Begins a new epoch if the record has gone back to an
-- earlier state: its origin is another one, or its head is below `known`, an id that was committed.
CREATE FUNCTION lock_log(known bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    present record;
BEGIN
    SELECT * INTO present FROM log FOR UPDATE;
    IF present.head < known OR present.origin <> log_origin() THEN
        PERFORM begin_epoch(known);
    END IF;
END
$$;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> '' AND name !~ '^[0-9]+$'),
    name_key text NOT NULL CONSTRAINT users_name_taken UNIQUE,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    banned_at timestamptz, -- by an operator: signs in no more
    about text NOT NULL DEFAULT '' CHECK (char_length(about) <= 500)
);

-- Pictures of users, always encoded by the service, never as they were uploaded.
CREATE TABLE avatars (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    version bigint GENERATED ALWAYS AS IDENTITY, -- a new number for each picture, and so a new address
    picture bytea NOT NULL -- WebP
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

-- A room that ended keeps its row and its members, and none of its messages: those who knew of it are told that it is gone.
CREATE TABLE rooms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('open', 'closed', 'direct')),
    name text CHECK (name <> '' AND name !~ '^[0-9]+$'),
    name_key text,
    topic text NOT NULL DEFAULT '',
    owner_id bigint REFERENCES users ON DELETE SET NULL,
    first_user_id bigint REFERENCES users ON DELETE CASCADE,
    second_user_id bigint REFERENCES users ON DELETE CASCADE,
    max_members integer CHECK (max_members > 0),
    messages bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires text CHECK (expires IN ('at', 'when_empty')), -- of an ephemeral room
    expires_at timestamptz,
    empty_since timestamptz, -- of a when_empty room: since when nobody has been present
    ended_at timestamptz,
    purged_at timestamptz, -- when its messages were gone everywhere
    CONSTRAINT rooms_one_conversation_a_pair UNIQUE (first_user_id, second_user_id),
    CONSTRAINT rooms_direct_has_a_pair_others_a_name CHECK (
        CASE kind
            WHEN 'direct' THEN name IS NULL AND name_key IS NULL AND owner_id IS NULL AND coalesce(first_user_id < second_user_id, false)
            ELSE name IS NOT NULL AND name_key IS NOT NULL AND first_user_id IS NULL AND second_user_id IS NULL
        END
    ),
    CHECK ((expires_at IS NOT NULL) = (expires IS NOT DISTINCT FROM 'at')),
    CHECK (empty_since IS NULL OR expires = 'when_empty'),
    CHECK (purged_at IS NULL OR ended_at IS NOT NULL)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX rooms_name_taken ON rooms (name_key) WHERE ended_at IS NULL;
CREATE INDEX rooms_by_name ON rooms (name_key, id);
CREATE INDEX rooms_of_second_user ON rooms (second_user_id) WHERE second_user_id IS NOT NULL;
CREATE INDEX rooms_expiring ON rooms (expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX rooms_ending_when_empty ON rooms (id) WHERE ended_at IS NULL AND expires = 'when_empty';
CREATE INDEX rooms_to_purge ON rooms (id) WHERE ended_at IS NOT NULL AND purged_at IS NULL;

CREATE TABLE memberships (
    room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    since bigint NOT NULL, -- the id of the event that made it
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id);

-- Up to which event a user has read a room, on any device. A marker only moves forward. No row: nothing since joining.
CREATE TABLE read_markers (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    upto bigint NOT NULL CHECK (upto > 0),
    PRIMARY KEY (user_id, room_id)
) WITH (fillfactor = 50);
CREATE INDEX read_markers_of_room ON read_markers (room_id);

-- The key that lets users into a closed room. Only its hash is stored; a new key replaces the old one.
CREATE TABLE invites (
    room_id bigint PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
    key_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Users who may not come back into a room.
CREATE TABLE bans (
    room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX bans_of_user ON bans (user_id);

-- Uploaded files. The bytes are in the store under `key`, which is random; the name is for people only.
-- A row without `stored_at` is an upload under way: it reserves its size in the limits.
CREATE TABLE files (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    type text NOT NULL, -- by its first bytes, never by the client's word
    size bigint NOT NULL CHECK (size >= 0),
    sha256 bytea,
    key text NOT NULL UNIQUE,
    preview_key text UNIQUE,
    preview_size integer CHECK (preview_size > 0),
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    stored_at timestamptz,
    removed_at timestamptz -- when its message was deleted: then the bytes are removed, and then the row
);
CREATE INDEX files_of_room ON files (room_id);
CREATE INDEX files_of_user ON files (user_id);
CREATE INDEX files_under_way ON files (created_at) WHERE stored_at IS NULL;
CREATE INDEX files_to_remove ON files (id) WHERE removed_at IS NOT NULL;

-- The log's record. A change of who may see what is an event like any message.
CREATE TABLE events (
    id bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'message', 'file', 'announcement', 'join', 'leave', 'removed', 'banned', 'room_changed', 'room_closed', 'session_ended',
        'edited', 'deleted', 'reacted', 'unreacted'
    )),
    room_id bigint REFERENCES rooms ON DELETE CASCADE,
    sender_id bigint REFERENCES users, -- also the user who joined, left or was removed, or whose session ended
    recipient_id bigint REFERENCES users,
    session_id bigint, -- of session_ended; no reference, because the event outlives the session's row
    file_id bigint UNIQUE REFERENCES files,
    target_id bigint, -- the message that was edited, deleted or reacted to; no reference, because a purge deletes messages first
    reply_to bigint, -- the message that a message answers
    text text, -- of a message, its present one: earlier ones are stored nowhere
    reason text, -- why a room was closed or a session ended
    emoji text CHECK (octet_length(emoji) BETWEEN 1 AND 32),
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    edited_at timestamptz,
    deleted_at timestamptz, -- of a message: its text is gone
    CHECK ((kind IN ('message', 'file', 'announcement')) = (text IS NOT NULL)),
    CHECK ((kind = 'file' AND deleted_at IS NULL) = (file_id IS NOT NULL)),
    CHECK ((kind IN ('edited', 'deleted', 'reacted', 'unreacted')) = (target_id IS NOT NULL)),
    CHECK ((kind IN ('reacted', 'unreacted')) = (emoji IS NOT NULL)),
    CHECK (text IS NOT NULL OR (reply_to IS NULL AND edited_at IS NULL AND deleted_at IS NULL)),
    CHECK (deleted_at IS NULL OR text = ''),
    CHECK ((kind IN ('room_closed', 'session_ended')) = (reason IS NOT NULL)),
    CHECK ((kind = 'session_ended') = (session_id IS NOT NULL)),
    CHECK ((kind = 'session_ended') = (room_id IS NULL)),
    CHECK (sender_id IS NOT NULL OR kind IN ('announcement', 'room_changed', 'room_closed')), -- an operator's, or nobody's
    CHECK (octet_length(text) <= 16384)
);
CREATE INDEX events_of_room ON events (room_id, id);
CREATE INDEX events_to_user ON events (recipient_id, id) WHERE recipient_id IS NOT NULL;
CREATE UNIQUE INDEX events_posted_once ON events (sender_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX events_about ON events (target_id) WHERE target_id IS NOT NULL;
CREATE INDEX events_replies ON events (reply_to) WHERE reply_to IS NOT NULL;
-- The index takes posts in together, once their list is full, in a post that all others wait for: 15 ms for 256 KB, 230 ms for the
-- usual 4 MB.
CREATE INDEX events_by_words ON events USING gin (to_tsvector('simple', text)) WITH (gin_pending_list_limit = 256)
    WHERE kind IN ('message', 'file', 'announcement') AND deleted_at IS NULL;

-- Present reactions. They are deleted with their message.
CREATE TABLE reactions (
    message_id bigint NOT NULL REFERENCES events ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    emoji text NOT NULL CHECK (octet_length(emoji) BETWEEN 1 AND 32),
    event_id bigint NOT NULL, -- of the reaction: their order
    PRIMARY KEY (message_id, user_id, emoji)
);

-- Group commit: all posts that wait in a worker, in one transaction of one round trip. It is a function so that its plan is kept:
-- planning took as long as running. A post whose key was used, in the batch or before, has no row in the result.
-- The first statement locks the counter row. The second one's snapshot is taken after that, so it sees every earlier event,
-- removal and sign-out: a sender who may not post by then does not. known: the newest id that the worker knows of.
CREATE FUNCTION post_messages(
    in_rooms bigint[], by_senders bigint[], by_sessions bigint[], texts text[], keys text[], replies bigint[], known bigint DEFAULT 0
)
RETURNS TABLE (place bigint, id bigint, room_kind text, room_name text, recipient_id bigint, created_at timestamptz, quoted text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM lock_log(known);
    RETURN QUERY WITH posted AS (
        SELECT * FROM unnest(in_rooms, by_senders, by_sessions, texts, keys, replies)
            WITH ORDINALITY AS p (room_id, sender_id, session_id, text, key, reply_to, place)
    ), allowed AS (
        SELECT p.*, r.kind, r.name,
            CASE WHEN r.kind = 'direct' THEN r.first_user_id + r.second_user_id - p.sender_id END AS recipient_id
        FROM posted p
        JOIN rooms r ON r.id = p.room_id
        JOIN sessions s ON s.id = p.session_id AND s.ended_at IS NULL AND s.expires_at > now()
        WHERE r.ended_at IS NULL AND (r.expires_at IS NULL OR r.expires_at > clock_timestamp())
            AND CASE
                WHEN r.kind = 'direct' THEN p.sender_id IN (r.first_user_id, r.second_user_id)
                WHEN r.kind = 'open' AND r.expires IS NULL
                    THEN NOT EXISTS (SELECT FROM bans b WHERE b.room_id = r.id AND b.user_id = p.sender_id)
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
        INSERT INTO events (id, kind, room_id, sender_id, recipient_id, text, idempotency_key, reply_to)
        SELECT before + nth, 'message', room_id, sender_id, recipient_id, text, key, reply_to FROM accepted, taken ORDER BY nth
        RETURNING id, created_at
    )
    SELECT a.place, w.id, a.kind AS room_kind, a.name AS room_name, a.recipient_id, w.created_at,
        CASE WHEN a.reply_to IS NOT NULL THEN (SELECT left(q.text, 200) FROM events q WHERE q.id = a.reply_to) END AS quoted
    FROM accepted a, taken t JOIN written w ON true
    WHERE w.id = t.before + a.nth
    ORDER BY w.id;
END
$$;

-- What an operator, or a program that acts for one, uses instead of a session. Only its hash is stored.
CREATE TABLE api_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    scope text NOT NULL CHECK (scope IN ('admin', 'rooms')),
    key_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    ended_at timestamptz
);

-- Who did what as an operator, and when. Rows are only added: the trigger refuses every other change.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL, -- an API key by its id and name, or the command line by its user
    act text NOT NULL,
    subject text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '' -- JSON
);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log cannot be changed';
END
$$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
