-- Group commit: all the posts that wait, in one transaction of one round trip.
-- The first statement takes the counter row, so the second one's snapshot, taken after it, sees every earlier event,
-- removal and sign-out: whoever may not post by then does not, and a key that was used is found.
SELECT head FROM log FOR UPDATE;

WITH posted AS (
    SELECT * FROM unnest(
        CAST(:place AS int[]), CAST(:room AS bigint[]), CAST(:sender AS bigint[]),
        CAST(:session AS bigint[]), CAST(:text AS text[]), CAST(:key AS text[])
    ) AS p (place, room_id, sender_id, session_id, text, key)
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
