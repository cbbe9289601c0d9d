-- Events with the names that their JSON shows; a WHERE follows.
SELECT e.id, e.kind, e.room_id, r.kind AS room_kind, r.name AS room_name, e.sender_id, u.name AS sender_name,
    e.recipient_id, e.session_id, e.text, e.created_at
FROM events e
JOIN users u ON u.id = e.sender_id
LEFT JOIN rooms r ON r.id = e.room_id
