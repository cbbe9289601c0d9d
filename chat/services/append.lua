-- Compare-and-append: adds entries only if the stream ends where the caller believes.
-- KEYS[1] the stream. ARGV: the id it must end with (0: empty), the id below which entries may go,
-- "restart" to begin the stream anew or "", then for each entry its id, its route, its frame.
-- Answers the id that the stream ends with afterwards: the caller's last one if the entries are in.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local ends = newest and string.match(newest[1], '^%d+') or '0'
if ends ~= ARGV[1] then return ends end
if ARGV[3] == 'restart' then redis.call('DEL', KEYS[1]) end
for i = 4, #ARGV, 3 do
    redis.call('XADD', KEYS[1], ARGV[i] .. '-0', 'route', ARGV[i + 1], 'frame', ARGV[i + 2])
    ends = ARGV[i]
end
if ARGV[2] ~= '0' then redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[2]) end
return ends
