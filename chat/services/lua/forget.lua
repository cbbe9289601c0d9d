-- Drops the entries of rooms that have ended, except for the events of their end. Each call looks at one page of the stream.
-- Returns the id to go on at (0: that was all) and how many were dropped. Returns false while the stream does not reach the last
-- room_closed: its newest entry must stay, because the next append compares with it.
local stream = KEYS[1]
local first_id = ARGV[1] -- where the page begins
local last_closed = ARGV[2] -- the id of the last room_closed among these rooms
local page_entries = tonumber(ARGV[3])
local FIRST_ROOM = 4 -- then the ids of the rooms
local KIND_AND_ROOM = '^(%S+) (%d+) ' -- of a route: the first two words of Route in log_entry.py

local function route_of(fields)
    for i = 1, #fields, 2 do
        if fields[i] == 'route' then return fields[i + 1] end
    end
    return ''
end

local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if not newest or tonumber(string.match(newest[1], '^%d+')) < tonumber(last_closed) then return false end
local ended = {}
for i = FIRST_ROOM, #ARGV do ended[ARGV[i]] = true end
local entries = redis.call('XRANGE', stream, first_id .. '-0', last_closed .. '-0', 'COUNT', page_entries)
local dropped = 0
local last = 0
for _, entry in ipairs(entries) do
    local entry_id, fields = entry[1], entry[2]
    last = tonumber(string.match(entry_id, '^%d+'))
    local kind, room = string.match(route_of(fields), KIND_AND_ROOM)
    if ended[room] and kind ~= 'room_closed' then
        redis.call('XDEL', stream, entry_id)
        dropped = dropped + 1
    end
end
if #entries < page_entries then last = -1 end
return {last + 1, dropped}
