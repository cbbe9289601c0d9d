-- Drops single entries, all older than one that the stream must have reached.
-- Returns how many there were. Returns false while the stream does not reach that far: its newest entry must stay,
-- because the next append compares with it.
local stream = KEYS[1]
local reach = tonumber(ARGV[1]) -- the id that the stream must have reached
local FIRST_ID = 2 -- then the ids to drop

local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
if not newest or tonumber(string.match(newest[1], '^%d+')) < reach then return false end
local dropped = 0
for i = FIRST_ID, #ARGV do
    dropped = dropped + redis.call('XDEL', stream, ARGV[i] .. '-0')
end
return dropped
