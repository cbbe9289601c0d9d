-- Compare-and-append: adds entries only if the stream ends where the caller believes.
-- KEYS[1] the stream. ARGV: the id it must end with (0: empty), the id up to which nobody needs older entries,
-- "restart" to begin the stream anew or "", then for each entry its id, its route, its frame.
-- Answers the id that the stream ends with afterwards: the caller's last one if the entries are in.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local ends = newest and string.match(newest[1], '^%d+') or '0'
if ends ~= ARGV[1] then return ends end
-- An empty stream remembers its last id and would refuse smaller ones: it begins anew, too.
if ARGV[3] == 'restart' or not newest then redis.call('DEL', KEYS[1]) end
for i = 4, #ARGV, 3 do
    redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'route', ARGV[i + 1], 'frame', ARGV[i + 2])
    ends = ARGV[i]
end
if ARGV[4] and ARGV[2] ~= '0' then
    -- What was added just now stays, whatever the caller's tail has let go of.
    local floor = tonumber(ARGV[2]) < tonumber(ARGV[4]) and ARGV[2] or ARGV[4]
    redis.call('XTRIM', KEYS[1], 'MINID', '~', floor)
end
return ends
