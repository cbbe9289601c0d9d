-- Events with what their JSON shows beside; a WHERE follows. An edit has no text of its own: it tells its message's present one.
SELECT e.id, e.kind, e.room_id, r.kind AS room_kind, r.name AS room_name, e.sender_id, u.name AS sender_name,
    e.recipient_id, e.session_id, CASE WHEN e.kind = 'edited' THEN coalesce(t.text, '') ELSE e.text END AS text, e.created_at, e.reason,
    coalesce(r.kind = 'closed' OR r.expires IS NOT NULL, false) AS members_only, r.expires IS NOT NULL AS ephemeral,
    coalesce(r.topic, '') AS topic, r.max_members, r.expires_at,
    e.file_id, f.name AS file_name, f.type AS file_type, f.size AS file_size, f.preview_key IS NOT NULL AS file_preview,
    f.width AS file_width, f.height AS file_height,
    e.target_id, t.sender_id AS target_sender_id, e.emoji,
    CASE WHEN e.kind = 'edited' THEN coalesce(t.edited_at, e.created_at) ELSE e.edited_at END AS edited_at, e.deleted_at,
    e.reply_to, q.sender_id AS quoted_sender_id, v.name AS quoted_sender_name, left(q.text, 200) AS quoted_text,
    CASE WHEN e.text IS NOT NULL THEN (
        SELECT json_agg(json_build_array(x.emoji, x.user_id, w.name) ORDER BY x.event_id)
        FROM reactions x JOIN users w ON w.id = x.user_id WHERE x.message_id = e.id
    ) END AS reactions
FROM events e
LEFT JOIN users u ON u.id = e.sender_id
LEFT JOIN rooms r ON r.id = e.room_id
LEFT JOIN files f ON f.id = e.file_id
LEFT JOIN events t ON t.id = e.target_id
LEFT JOIN events q ON q.id = e.reply_to
LEFT JOIN users v ON v.id = q.sender_id
