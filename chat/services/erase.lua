-- Drops single entries, all older than one that the stream must have reached.
-- KEYS[1] the stream. ARGV: the id of that one, then the ids to drop.
-- Answers how many there were; nothing at all while the stream does not reach that far: its newest entry must stay,
-- for the next append compares with it.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest or tonumber(string.match(newest[1], '^%d+')) < tonumber(ARGV[1]) then return false end
local dropped = 0
for i = 2, #ARGV do
    dropped = dropped + redis.call('XDEL', KEYS[1], ARGV[i] .. '-0')
end
return dropped
