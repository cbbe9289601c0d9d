-- compatible from version 1
-- Ids hold only together with the epoch of the log: docs/architecture.md. Workers of an earlier version call post_messages without `known`.

-- Which past a database has: of which system, on which timeline, and which database it is. A standby that is promoted is on a new
-- timeline, and a dump is restored into another system or another database.
CREATE FUNCTION log_origin() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()))
$$;

ALTER TABLE log ADD COLUMN origin text NOT NULL DEFAULT log_origin();

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

DROP FUNCTION post_messages(bigint[], bigint[], bigint[], text[], text[], bigint[]);

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
