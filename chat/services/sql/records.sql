-- Events with what their JSON shows beside; a WHERE follows.
SELECT e.id, e.kind, e.room_id, r.kind AS room_kind, r.name AS room_name, e.sender_id, u.name AS sender_name,
    e.recipient_id, e.session_id, e.text, e.created_at, e.reason,
    coalesce(r.kind = 'closed' OR r.expires IS NOT NULL, false) AS members_only, coalesce(r.topic, '') AS topic, r.max_members, r.expires_at,
    e.file_id, f.name AS file_name, f.type AS file_type, f.size AS file_size, f.preview_key IS NOT NULL AS file_preview,
    f.width AS file_width, f.height AS file_height
FROM events e
LEFT JOIN users u ON u.id = e.sender_id
LEFT JOIN rooms r ON r.id = e.room_id
LEFT JOIN files f ON f.id = e.file_id
