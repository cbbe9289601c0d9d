-- Drops what the log holds of rooms that have ended, a page of it in each call, but for the event of their end.
-- KEYS[1] the stream. ARGV: the id to begin at, the last room_closed among these rooms, the entries in a page, then the rooms' ids.
-- Answers the id to go on at (0: that was all) and how many were dropped; nothing at all while the log does not reach that far:
-- its newest entry must stay, for the next append compares with it.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest or tonumber(string.match(newest[1], '^%d+')) < tonumber(ARGV[2]) then return false end
local ended = {}
for i = 4, #ARGV do ended[ARGV[i]] = true end
local entries = redis.call('XRANGE', KEYS[1], ARGV[1] .. '-0', ARGV[2] .. '-0', 'COUNT', ARGV[3])
local dropped = 0
local last = 0
for _, entry in ipairs(entries) do
    last = tonumber(string.match(entry[1], '^%d+'))
    local kind, room = string.match(entry[2][2], '^(%S+) (%d+) ')
    if ended[room] and kind ~= 'room_closed' then
        redis.call('XDEL', KEYS[1], entry[1])
        dropped = dropped + 1
    end
end
if #entries < tonumber(ARGV[3]) then last = -1 end
return {last + 1, dropped}
