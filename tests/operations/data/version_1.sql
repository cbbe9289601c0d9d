-- A database of version 1 (commit d0c5c90), made and filled by that version itself through its HTTP API, and written by pg_dump --inserts.
-- Every table has rows, every kind of event and of room is there. SECRET_KEY was "a key for tests".

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE FUNCTION public.audit_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit log cannot be changed';
END
$$;

CREATE FUNCTION public.post_messages(in_rooms bigint[], by_senders bigint[], by_sessions bigint[], texts text[], keys text[], replies bigint[]) RETURNS TABLE(place bigint, id bigint, room_kind text, room_name text, recipient_id bigint, created_at timestamp with time zone, quoted text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM head FROM log FOR UPDATE;
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

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.api_keys (
    id bigint NOT NULL,
    name text NOT NULL,
    scope text NOT NULL,
    key_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT api_keys_name_check CHECK ((name <> ''::text)),
    CONSTRAINT api_keys_scope_check CHECK ((scope = ANY (ARRAY['admin'::text, 'rooms'::text])))
);

ALTER TABLE public.api_keys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    detail text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.avatars (
    user_id bigint NOT NULL,
    version bigint NOT NULL,
    picture bytea NOT NULL
);

ALTER TABLE public.avatars ALTER COLUMN version ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.avatars_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bans (
    room_id bigint NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.events (
    id bigint NOT NULL,
    kind text NOT NULL,
    room_id bigint,
    sender_id bigint,
    recipient_id bigint,
    session_id bigint,
    file_id bigint,
    target_id bigint,
    reply_to bigint,
    text text,
    reason text,
    emoji text,
    idempotency_key text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    CONSTRAINT events_check CHECK (((kind = ANY (ARRAY['message'::text, 'file'::text, 'announcement'::text])) = (text IS NOT NULL))),
    CONSTRAINT events_check1 CHECK ((((kind = 'file'::text) AND (deleted_at IS NULL)) = (file_id IS NOT NULL))),
    CONSTRAINT events_check2 CHECK (((kind = ANY (ARRAY['edited'::text, 'deleted'::text, 'reacted'::text, 'unreacted'::text])) = (target_id IS NOT NULL))),
    CONSTRAINT events_check3 CHECK (((kind = ANY (ARRAY['reacted'::text, 'unreacted'::text])) = (emoji IS NOT NULL))),
    CONSTRAINT events_check4 CHECK (((text IS NOT NULL) OR ((reply_to IS NULL) AND (edited_at IS NULL) AND (deleted_at IS NULL)))),
    CONSTRAINT events_check5 CHECK (((deleted_at IS NULL) OR (text = ''::text))),
    CONSTRAINT events_check6 CHECK (((kind = ANY (ARRAY['room_closed'::text, 'session_ended'::text])) = (reason IS NOT NULL))),
    CONSTRAINT events_check7 CHECK (((kind = 'session_ended'::text) = (session_id IS NOT NULL))),
    CONSTRAINT events_check8 CHECK (((kind = 'session_ended'::text) = (room_id IS NULL))),
    CONSTRAINT events_check9 CHECK (((sender_id IS NOT NULL) OR (kind = ANY (ARRAY['announcement'::text, 'room_changed'::text, 'room_closed'::text])))),
    CONSTRAINT events_emoji_check CHECK (((octet_length(emoji) >= 1) AND (octet_length(emoji) <= 32))),
    CONSTRAINT events_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
    CONSTRAINT events_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'file'::text, 'announcement'::text, 'join'::text, 'leave'::text, 'removed'::text, 'banned'::text, 'room_changed'::text, 'room_closed'::text, 'session_ended'::text, 'edited'::text, 'deleted'::text, 'reacted'::text, 'unreacted'::text]))),
    CONSTRAINT events_text_check CHECK ((octet_length(text) <= 16384))
);

CREATE TABLE public.files (
    id bigint NOT NULL,
    room_id bigint NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    size bigint NOT NULL,
    sha256 bytea,
    key text NOT NULL,
    preview_key text,
    preview_size integer,
    width integer,
    height integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    stored_at timestamp with time zone,
    removed_at timestamp with time zone,
    CONSTRAINT files_height_check CHECK ((height > 0)),
    CONSTRAINT files_name_check CHECK ((name <> ''::text)),
    CONSTRAINT files_preview_size_check CHECK ((preview_size > 0)),
    CONSTRAINT files_size_check CHECK ((size >= 0)),
    CONSTRAINT files_width_check CHECK ((width > 0))
);

ALTER TABLE public.files ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.files_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.invites (
    room_id bigint NOT NULL,
    key_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.log (
    single boolean DEFAULT true NOT NULL,
    head bigint DEFAULT 0 NOT NULL,
    step integer DEFAULT 0 NOT NULL,
    CONSTRAINT log_head_check CHECK ((head >= 0)),
    CONSTRAINT log_single_check CHECK (single)
)
WITH (fillfactor='10');

CREATE TABLE public.memberships (
    room_id bigint NOT NULL,
    user_id bigint NOT NULL,
    since bigint NOT NULL
);

CREATE TABLE public.reactions (
    message_id bigint NOT NULL,
    user_id bigint NOT NULL,
    emoji text NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT reactions_emoji_check CHECK (((octet_length(emoji) >= 1) AND (octet_length(emoji) <= 32)))
);

CREATE TABLE public.read_markers (
    user_id bigint NOT NULL,
    room_id bigint NOT NULL,
    upto bigint NOT NULL,
    CONSTRAINT read_markers_upto_check CHECK ((upto > 0))
)
WITH (fillfactor='50');

CREATE TABLE public.rooms (
    id bigint NOT NULL,
    kind text NOT NULL,
    name text,
    name_key text,
    topic text DEFAULT ''::text NOT NULL,
    owner_id bigint,
    first_user_id bigint,
    second_user_id bigint,
    max_members integer,
    messages bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires text,
    expires_at timestamp with time zone,
    empty_since timestamp with time zone,
    ended_at timestamp with time zone,
    purged_at timestamp with time zone,
    CONSTRAINT rooms_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT rooms_check CHECK (((expires_at IS NOT NULL) = (NOT (expires IS DISTINCT FROM 'at'::text)))),
    CONSTRAINT rooms_check1 CHECK (((empty_since IS NULL) OR (expires = 'when_empty'::text))),
    CONSTRAINT rooms_check2 CHECK (((purged_at IS NULL) OR (ended_at IS NOT NULL))),
    CONSTRAINT rooms_direct_has_a_pair_others_a_name CHECK (
CASE kind
    WHEN 'direct'::text THEN ((name IS NULL) AND (name_key IS NULL) AND (owner_id IS NULL) AND COALESCE((first_user_id < second_user_id), false))
    ELSE ((name IS NOT NULL) AND (name_key IS NOT NULL) AND (first_user_id IS NULL) AND (second_user_id IS NULL))
END),
    CONSTRAINT rooms_expires_check CHECK ((expires = ANY (ARRAY['at'::text, 'when_empty'::text]))),
    CONSTRAINT rooms_kind_check CHECK ((kind = ANY (ARRAY['open'::text, 'closed'::text, 'direct'::text]))),
    CONSTRAINT rooms_max_members_check CHECK ((max_members > 0)),
    CONSTRAINT rooms_messages_check CHECK ((messages >= 0)),
    CONSTRAINT rooms_name_check CHECK (((name <> ''::text) AND (name !~ '^[0-9]+$'::text)))
)
WITH (fillfactor='50');

ALTER TABLE public.rooms ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rooms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    agent text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    banned_at timestamp with time zone,
    about text DEFAULT ''::text NOT NULL,
    CONSTRAINT users_about_check CHECK ((char_length(about) <= 500)),
    CONSTRAINT users_name_check CHECK (((name <> ''::text) AND (name !~ '^[0-9]+$'::text)))
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO public.api_keys OVERRIDING SYSTEM VALUE VALUES (3, 'former', 'admin', '\x7ecbedc4a0a78dbb1b8cb2a5f96366f567687dba9a9875df41034e0fba920e6e', '2026-12-01 02:47:46.80151+00', NULL, '2026-12-01 02:47:48.810323+00');
INSERT INTO public.api_keys OVERRIDING SYSTEM VALUE VALUES (1, 'olga', 'admin', '\x593ead46a21bcb887e7d69abf1b00f24704c8cd6b327bc49e351a0e6839ac3f9', '2026-12-01 02:47:43.326334+00', '2026-12-01 02:47:49.48888+00', NULL);
INSERT INTO public.api_keys OVERRIDING SYSTEM VALUE VALUES (2, 'ci', 'rooms', '\x4e6d0770f2dc4f456d2086362fe3ea12840fae877d94e72f9b0f6647c1c03bad', '2026-12-01 02:47:45.017641+00', '2026-12-01 02:47:49.687333+00', NULL);

INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (1, '2026-12-01 02:47:43.328871+00', 'command line: olga', 'key added', 'key 1 (olga)', '{"scope": "admin"}');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (2, '2026-12-01 02:47:45.019042+00', 'command line: olga', 'key added', 'key 2 (ci)', '{"scope": "rooms"}');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (3, '2026-12-01 02:47:46.80269+00', 'command line: olga', 'key added', 'key 3 (former)', '{"scope": "admin"}');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (4, '2026-12-01 02:47:48.81716+00', 'command line: olga', 'key ended', 'key 3 (former)', '');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (5, '2026-12-01 02:47:49.50109+00', 'key 1 (olga)', 'announced', 'all rooms', '{"text": "Maintenance at noon", "rooms": 4}');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (6, '2026-12-01 02:47:49.550494+00', 'key 1 (olga)', 'room made', 'of-the-operator', '');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (7, '2026-12-01 02:47:49.692212+00', 'key 2 (ci)', 'room made', 'of-a-program', '');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (8, '2026-12-01 02:47:49.970572+00', 'key 1 (olga)', 'user banned', 'mallory', '{"id": 6}');
INSERT INTO public.audit OVERRIDING SYSTEM VALUE VALUES (9, '2026-12-01 02:47:50.316312+00', 'key 1 (olga)', 'sessions ended', 'grace', '{"id": 7}');

INSERT INTO public.avatars OVERRIDING SYSTEM VALUE VALUES (1, 1, '\x52494646c20000005745425056503820b60000003011009d012a000100013e6d369949a42322a1202800800d89696ee176b11edc00001696c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6ac000feff5fd73ffa91862ec7ffffe9a47fc691ff1a47cb14b85d8485000000000000000000');
INSERT INTO public.avatars OVERRIDING SYSTEM VALUE VALUES (2, 2, '\x52494646c20000005745425056503820b60000007011009d012a000100013e6d369949a42322a1202800800d89696ee176b11edc07e0000013d807bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c87bed9390f7db2721efb64e43df6c9c28000feff6236fffff779bf6f37ede6ff868ffffcf4cd7983fa68000000000000000000');

INSERT INTO public.bans VALUES (2, 5, '2026-12-01 02:47:41.052272+00');

INSERT INTO public.events VALUES (1, 'join', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:39.950777+00', NULL, NULL);
INSERT INTO public.events VALUES (2, 'join', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:39.975528+00', NULL, NULL);
INSERT INTO public.events VALUES (3, 'join', 3, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.018397+00', NULL, NULL);
INSERT INTO public.events VALUES (4, 'join', 4, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.049993+00', NULL, NULL);
INSERT INTO public.events VALUES (6, 'join', 1, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.12519+00', NULL, NULL);
INSERT INTO public.events VALUES (7, 'join', 1, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.148066+00', NULL, NULL);
INSERT INTO public.events VALUES (8, 'join', 1, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.166981+00', NULL, NULL);
INSERT INTO public.events VALUES (9, 'join', 2, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.182852+00', NULL, NULL);
INSERT INTO public.events VALUES (10, 'join', 2, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.198203+00', NULL, NULL);
INSERT INTO public.events VALUES (11, 'join', 2, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.214373+00', NULL, NULL);
INSERT INTO public.events VALUES (12, 'join', 1, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.230921+00', NULL, NULL);
INSERT INTO public.events VALUES (13, 'join', 3, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.24457+00', NULL, NULL);
INSERT INTO public.events VALUES (14, 'message', 1, 1, NULL, NULL, NULL, NULL, NULL, 'Good morning, everybody', NULL, NULL, 'morning-1', '2026-12-01 02:47:40.283084+00', NULL, NULL);
INSERT INTO public.events VALUES (15, 'message', 1, 2, NULL, NULL, NULL, NULL, 14, 'Good morning @alice', NULL, NULL, NULL, '2026-12-01 02:47:40.304092+00', NULL, NULL);
INSERT INTO public.events VALUES (18, 'message', 1, 1, NULL, NULL, NULL, NULL, NULL, 'Ünïcödé, 日本語, 👩‍👩‍👧‍👦 and ''quotes'' "double" \ backslash
second line; $$ -- no comment', NULL, NULL, NULL, '2026-12-01 02:47:40.351332+00', NULL, NULL);
INSERT INTO public.events VALUES (19, 'message', 2, 1, NULL, NULL, NULL, NULL, NULL, 'Only members read this', NULL, NULL, NULL, '2026-12-01 02:47:40.363913+00', NULL, NULL);
INSERT INTO public.events VALUES (20, 'message', 3, 2, NULL, NULL, NULL, NULL, NULL, 'Gone in an hour', NULL, NULL, NULL, '2026-12-01 02:47:40.37206+00', NULL, NULL);
INSERT INTO public.events VALUES (22, 'edited', 1, 3, NULL, NULL, NULL, 16, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.383345+00', NULL, NULL);
INSERT INTO public.events VALUES (16, 'message', 1, 3, NULL, NULL, NULL, NULL, NULL, 'This is edited: Zürich', NULL, NULL, NULL, '2026-12-01 02:47:40.32669+00', '2026-12-01 02:47:40.383345+00', NULL);
INSERT INTO public.events VALUES (23, 'reacted', 1, 1, NULL, NULL, NULL, 15, NULL, NULL, NULL, '👍', NULL, '2026-12-01 02:47:40.3977+00', NULL, NULL);
INSERT INTO public.events VALUES (24, 'reacted', 1, 3, NULL, NULL, NULL, 15, NULL, NULL, NULL, '👍', NULL, '2026-12-01 02:47:40.430466+00', NULL, NULL);
INSERT INTO public.events VALUES (25, 'reacted', 1, 3, NULL, NULL, NULL, 15, NULL, NULL, NULL, '🎉', NULL, '2026-12-01 02:47:40.463024+00', NULL, NULL);
INSERT INTO public.events VALUES (26, 'unreacted', 1, 3, NULL, NULL, NULL, 15, NULL, NULL, NULL, '🎉', NULL, '2026-12-01 02:47:40.494608+00', NULL, NULL);
INSERT INTO public.events VALUES (27, 'reacted', 1, 4, NULL, NULL, NULL, 17, NULL, NULL, NULL, '😅', NULL, '2026-12-01 02:47:40.539099+00', NULL, NULL);
INSERT INTO public.events VALUES (28, 'deleted', 1, 4, NULL, NULL, NULL, 17, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.566502+00', NULL, NULL);
INSERT INTO public.events VALUES (17, 'message', 1, 4, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, '2026-12-01 02:47:40.34269+00', NULL, '2026-12-01 02:47:40.566502+00');
INSERT INTO public.events VALUES (29, 'file', 1, 1, NULL, NULL, 1, NULL, NULL, 'a picture', NULL, NULL, NULL, '2026-12-01 02:47:40.671973+00', NULL, NULL);
INSERT INTO public.events VALUES (31, 'file', 6, 2, 1, NULL, 3, NULL, NULL, 'see this', NULL, NULL, NULL, '2026-12-01 02:47:40.790086+00', NULL, NULL);
INSERT INTO public.events VALUES (32, 'deleted', 2, 1, NULL, NULL, NULL, 30, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.814918+00', NULL, NULL);
INSERT INTO public.events VALUES (30, 'file', 2, 2, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, '2026-12-01 02:47:40.728276+00', NULL, '2026-12-01 02:47:40.814918+00');
INSERT INTO public.events VALUES (33, 'message', 6, 1, 2, NULL, NULL, NULL, NULL, 'Hello Bob', NULL, NULL, NULL, '2026-12-01 02:47:40.850197+00', NULL, NULL);
INSERT INTO public.events VALUES (34, 'message', 6, 2, 1, NULL, NULL, NULL, NULL, 'Hello Alice', NULL, NULL, NULL, '2026-12-01 02:47:40.878099+00', NULL, NULL);
INSERT INTO public.events VALUES (35, 'message', 7, 3, 1, NULL, NULL, NULL, NULL, 'Are you there?', NULL, NULL, NULL, '2026-12-01 02:47:40.907011+00', NULL, NULL);
INSERT INTO public.events VALUES (36, 'leave', 1, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.9913+00', NULL, NULL);
INSERT INTO public.events VALUES (37, 'removed', 2, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:41.019602+00', NULL, NULL);
INSERT INTO public.events VALUES (38, 'banned', 2, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:41.055435+00', NULL, NULL);
INSERT INTO public.events VALUES (39, 'room_changed', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:41.091611+00', NULL, NULL);
INSERT INTO public.events VALUES (40, 'room_closed', 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'owner', NULL, NULL, '2026-12-01 02:47:41.151264+00', NULL, NULL);
INSERT INTO public.events VALUES (41, 'session_ended', NULL, 5, NULL, 7, NULL, NULL, NULL, NULL, 'signed_out', NULL, NULL, '2026-12-01 02:47:41.46903+00', NULL, NULL);
INSERT INTO public.events VALUES (42, 'announcement', 1, NULL, NULL, NULL, NULL, NULL, NULL, 'Maintenance at noon', NULL, NULL, NULL, '2026-12-01 02:47:49.506591+00', NULL, NULL);
INSERT INTO public.events VALUES (43, 'announcement', 2, NULL, NULL, NULL, NULL, NULL, NULL, 'Maintenance at noon', NULL, NULL, NULL, '2026-12-01 02:47:49.506834+00', NULL, NULL);
INSERT INTO public.events VALUES (44, 'announcement', 3, NULL, NULL, NULL, NULL, NULL, NULL, 'Maintenance at noon', NULL, NULL, NULL, '2026-12-01 02:47:49.506859+00', NULL, NULL);
INSERT INTO public.events VALUES (45, 'announcement', 4, NULL, NULL, NULL, NULL, NULL, NULL, 'Maintenance at noon', NULL, NULL, NULL, '2026-12-01 02:47:49.506872+00', NULL, NULL);
INSERT INTO public.events VALUES (46, 'join', 1, 6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-12-01 02:47:49.898688+00', NULL, NULL);
INSERT INTO public.events VALUES (47, 'message', 1, 6, NULL, NULL, NULL, NULL, NULL, 'I shall be banned', NULL, NULL, NULL, '2026-12-01 02:47:49.931118+00', NULL, NULL);
INSERT INTO public.events VALUES (48, 'session_ended', NULL, 6, NULL, 8, NULL, NULL, NULL, NULL, 'banned', NULL, NULL, '2026-12-01 02:47:49.971769+00', NULL, NULL);
INSERT INTO public.events VALUES (49, 'session_ended', NULL, 7, NULL, 9, NULL, NULL, NULL, NULL, 'ended', NULL, NULL, '2026-12-01 02:47:50.316943+00', NULL, NULL);

INSERT INTO public.files OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, 'picture.png', 'image/png', 663, '\xc19754e964ee000b38d9726271fef16ed1946d71a8ee2df6f1df364d9ecedf66', 'e07919f2fb88ea3fcba8db5654f99314', 'e07919f2fb88ea3fcba8db5654f99314-preview', 202, 320, 200, '2026-12-01 02:47:40.629435+00', '2026-12-01 02:47:40.673545+00', NULL);
INSERT INTO public.files OVERRIDING SYSTEM VALUE VALUES (3, 6, 2, 'draft.txt', 'application/octet-stream', 6, '\x7eb2ca55b87a4d45d66a63f76db11f9b4aa9106472a62b5865060f9fd8eadaaa', 'ad3ad657444acad9037d79e7ccd6a4a1', NULL, NULL, NULL, NULL, '2026-12-01 02:47:40.76667+00', '2026-12-01 02:47:40.793136+00', NULL);

INSERT INTO public.invites VALUES (3, '\x1e2434be5826ee3c581330437563aa4cfacfb78417bf1c20d105bc1b1a3fc877', '2026-12-01 02:47:40.010966+00');
INSERT INTO public.invites VALUES (2, '\x70c9df3b4be702571a0943fa5aaf880532d9d8e6d3435840df74a58e67f60f80', '2026-12-01 02:47:41.117665+00');

INSERT INTO public.log VALUES (true, 49, 0);

INSERT INTO public.memberships VALUES (1, 1, 1);
INSERT INTO public.memberships VALUES (2, 1, 2);
INSERT INTO public.memberships VALUES (3, 2, 3);
INSERT INTO public.memberships VALUES (4, 2, 4);
INSERT INTO public.memberships VALUES (5, 2, 5);
INSERT INTO public.memberships VALUES (1, 2, 6);
INSERT INTO public.memberships VALUES (1, 3, 7);
INSERT INTO public.memberships VALUES (2, 2, 9);
INSERT INTO public.memberships VALUES (1, 5, 12);
INSERT INTO public.memberships VALUES (3, 3, 13);
INSERT INTO public.memberships VALUES (1, 6, 46);

INSERT INTO public.reactions VALUES (15, 1, '👍', 23);
INSERT INTO public.reactions VALUES (15, 3, '👍', 24);

INSERT INTO public.read_markers VALUES (2, 1, 15);
INSERT INTO public.read_markers VALUES (3, 1, 18);

INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (6, 'direct', NULL, NULL, '', NULL, 1, 2, NULL, 3, 34, '2026-12-01 02:47:40.760333+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (7, 'direct', NULL, NULL, '', NULL, 1, 3, NULL, 1, 14, '2026-12-01 02:47:40.905394+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (5, 'open', 'old-room', 'old-room', '', 2, NULL, NULL, NULL, 0, 0, '2026-12-01 02:47:40.084177+00', NULL, NULL, NULL, '2026-12-01 02:47:41.14677+00', '2026-12-01 02:47:43.789444+00');
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (2, 'closed', 'board', 'board', '', 1, NULL, NULL, 5, 3, 41, '2026-12-01 02:47:39.972963+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (3, 'closed', 'standup', 'standup', '', 2, NULL, NULL, NULL, 2, 34, '2026-12-01 02:47:40.010966+00', 'at', '2026-12-01 03:47:40.010966+00', NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (4, 'open', 'pop-up', 'pop-up', '', 2, NULL, NULL, NULL, 1, 19, '2026-12-01 02:47:40.047683+00', 'when_empty', NULL, '2026-12-01 02:47:42.831899+00', NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (8, 'open', 'of-the-operator', 'of-the-operator', '', NULL, NULL, NULL, NULL, 0, 0, '2026-12-01 02:47:49.538593+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (9, 'open', 'of-a-program', 'of-a-program', '', NULL, NULL, NULL, NULL, 0, 0, '2026-12-01 02:47:49.690554+00', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.rooms OVERRIDING SYSTEM VALUE VALUES (1, 'open', 'lobby', 'lobby', 'All that matters, and more', 1, NULL, NULL, NULL, 8, 886, '2026-12-01 02:47:39.948292+00', NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (1, 1, '\xae7757a3fd8afff5d2a304602e9d8a0e55b07fde0d3dca23955664a7e7b38436', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:38.642244+00', '2026-12-01 02:47:38.642244+00', '2026-12-31 02:47:38.642244+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (2, 2, '\x6db357c2db3541d203138bb181bb524f5c5d7f50d05c79adcd52a21da7cde13a', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:38.958072+00', '2026-12-01 02:47:38.958072+00', '2026-12-31 02:47:38.958072+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (3, 3, '\xa585d9b5e183ecf0c3cf9e4030bd7498071831f0376735da56ee6da23d2e969c', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:39.116137+00', '2026-12-01 02:47:39.116137+00', '2026-12-31 02:47:39.116137+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (4, 4, '\x29d7c3fafb9d29a4230935aeec68d9c298ae251302d34f7b5eae960c49f5b02c', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:39.316369+00', '2026-12-01 02:47:39.316369+00', '2026-12-31 02:47:39.316369+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (5, 5, '\x4267b672cb06dd9971f64d62c2d1d89096294bddd8542fc958d96a898586d972', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:39.533608+00', '2026-12-01 02:47:39.533608+00', '2026-12-31 02:47:39.533608+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (6, 1, '\x49281baf9d0255a4ebed229dde7feb70b8d0678348143f60b5707f766b5238bd', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:39.745344+00', '2026-12-01 02:47:39.745344+00', '2026-12-31 02:47:39.745344+00', NULL);
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (7, 5, '\xaf27e9b6fa71895eb4ef4e19de03a2764d0d16602a5979bdb3f9853fd9452eff', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:41.442747+00', '2026-12-01 02:47:41.442747+00', '2026-12-31 02:47:41.442747+00', '2026-12-01 02:47:41.462755+00');
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (8, 6, '\x495a15b6c3ad5acdd48d66f5053022f5b1a91a9490d5f8c683ce1519913654e0', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:49.876238+00', '2026-12-01 02:47:49.876238+00', '2026-12-31 02:47:49.876238+00', '2026-12-01 02:47:49.966482+00');
INSERT INTO public.sessions OVERRIDING SYSTEM VALUE VALUES (9, 7, '\x4ae1f894e0508ce6bfb8fb45f850eaba25b29786e4187d19f8a70f8912499cac', 'curl/8.5.0', '127.0.0.1', '2026-12-01 02:47:50.28181+00', '2026-12-01 02:47:50.28181+00', '2026-12-31 02:47:50.28181+00', '2026-12-01 02:47:50.315687+00');

INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (2, 'bob', 'bob', '$argon2id$v=19$m=19456,t=2,p=1$wEXZrrNXA6TSWJpo2DwXig$zCHQo+//ViYme6y8tYF62w50bVWsEcdbfK92ky2nEV8', '2026-12-01 02:47:38.948836+00', NULL, '');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (3, 'carol', 'carol', '$argon2id$v=19$m=19456,t=2,p=1$ZgbCK6nFuSxD4lL+nWA2Mw$XQPiFouxIVDvHiZ/r3LnYXNHI5R3LJ1Z09XbzlC61wI', '2026-12-01 02:47:39.113777+00', NULL, '');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (4, 'Dörte', 'dörte', '$argon2id$v=19$m=19456,t=2,p=1$TDPqBL8g6CK8SrFDaKYAgw$ATsf0FCX4PxsTnPYyYjbWeN1P41/QfRMSp2nhMS8UyM', '2026-12-01 02:47:39.310863+00', NULL, '');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (5, 'eve', 'eve', '$argon2id$v=19$m=19456,t=2,p=1$eSl+blL+zIONlLDr6/qdhw$9ll5d512e/XvRE6bCIwfLGgIt3MabwKVtIdKoF78nIE', '2026-12-01 02:47:39.531571+00', NULL, '');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (1, 'alice', 'alice', '$argon2id$v=19$m=19456,t=2,p=1$AQEwVhlTKRC/WjvAbfHUbQ$n0slLaPrfcsog5VMzMxhgrRnCe+1T4sac92eAds3l6Y', '2026-12-01 02:47:38.63259+00', NULL, 'Writes the release notes.');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (6, 'mallory', 'mallory', '$argon2id$v=19$m=19456,t=2,p=1$J8z43L2w5Mh8Qw1TOdbiEg$QTp0/dyLv/2cuo4+MYc/J+FfWpi5fF2VI8pjQkRnsEo', '2026-12-01 02:47:49.861503+00', '2026-12-01 02:47:49.966482+00', '');
INSERT INTO public.users OVERRIDING SYSTEM VALUE VALUES (7, 'grace', 'grace', '$argon2id$v=19$m=19456,t=2,p=1$h1+NEAiCqsxseYnMpZyhIw$BGVy7cxtB/+KfTov+ynsc3UbNpk9akaDwg0yGorjIPI', '2026-12-01 02:47:50.277471+00', NULL, '');

SELECT pg_catalog.setval('public.api_keys_id_seq', 3, true);

SELECT pg_catalog.setval('public.audit_id_seq', 9, true);

SELECT pg_catalog.setval('public.avatars_version_seq', 2, true);

SELECT pg_catalog.setval('public.files_id_seq', 3, true);

SELECT pg_catalog.setval('public.rooms_id_seq', 9, true);

SELECT pg_catalog.setval('public.sessions_id_seq', 9, true);

SELECT pg_catalog.setval('public.users_id_seq', 7, true);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.avatars
    ADD CONSTRAINT avatars_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.bans
    ADD CONSTRAINT bans_pkey PRIMARY KEY (room_id, user_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_file_id_key UNIQUE (file_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_key_key UNIQUE (key);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_preview_key_key UNIQUE (preview_key);

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (room_id);

ALTER TABLE ONLY public.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (room_id, user_id);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_pkey PRIMARY KEY (message_id, user_id, emoji);

ALTER TABLE ONLY public.read_markers
    ADD CONSTRAINT read_markers_pkey PRIMARY KEY (user_id, room_id);

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_one_conversation_a_pair UNIQUE (first_user_id, second_user_id);

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_name_taken UNIQUE (name_key);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX bans_of_user ON public.bans USING btree (user_id);

CREATE INDEX events_about ON public.events USING btree (target_id) WHERE (target_id IS NOT NULL);

CREATE INDEX events_by_words ON public.events USING gin (to_tsvector('simple'::regconfig, text)) WITH (gin_pending_list_limit='256') WHERE ((kind = ANY (ARRAY['message'::text, 'file'::text, 'announcement'::text])) AND (deleted_at IS NULL));

CREATE INDEX events_of_room ON public.events USING btree (room_id, id);

CREATE UNIQUE INDEX events_posted_once ON public.events USING btree (sender_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX events_replies ON public.events USING btree (reply_to) WHERE (reply_to IS NOT NULL);

CREATE INDEX events_to_user ON public.events USING btree (recipient_id, id) WHERE (recipient_id IS NOT NULL);

CREATE INDEX files_of_room ON public.files USING btree (room_id);

CREATE INDEX files_of_user ON public.files USING btree (user_id);

CREATE INDEX files_to_remove ON public.files USING btree (id) WHERE (removed_at IS NOT NULL);

CREATE INDEX files_under_way ON public.files USING btree (created_at) WHERE (stored_at IS NULL);

CREATE INDEX memberships_of_user ON public.memberships USING btree (user_id);

CREATE INDEX read_markers_of_room ON public.read_markers USING btree (room_id);

CREATE INDEX rooms_by_name ON public.rooms USING btree (name_key, id);

CREATE INDEX rooms_ending_when_empty ON public.rooms USING btree (id) WHERE ((ended_at IS NULL) AND (expires = 'when_empty'::text));

CREATE INDEX rooms_expiring ON public.rooms USING btree (expires_at) WHERE ((ended_at IS NULL) AND (expires_at IS NOT NULL));

CREATE UNIQUE INDEX rooms_name_taken ON public.rooms USING btree (name_key) WHERE (ended_at IS NULL);

CREATE INDEX rooms_of_second_user ON public.rooms USING btree (second_user_id) WHERE (second_user_id IS NOT NULL);

CREATE INDEX rooms_to_purge ON public.rooms USING btree (id) WHERE ((ended_at IS NOT NULL) AND (purged_at IS NULL));

CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_stays();

ALTER TABLE ONLY public.avatars
    ADD CONSTRAINT avatars_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bans
    ADD CONSTRAINT bans_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.bans
    ADD CONSTRAINT bans_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.files(id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invites
    ADD CONSTRAINT invites_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.events(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.read_markers
    ADD CONSTRAINT read_markers_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.read_markers
    ADD CONSTRAINT read_markers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_first_user_id_fkey FOREIGN KEY (first_user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_second_user_id_fkey FOREIGN KEY (second_user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
