-- Compare-and-append: adds entries only if the stream ends where the caller believes.
-- Returns the id that the stream ends with afterwards: the caller's last one if the entries were added. Returns 'other epoch' for a
-- stream of another epoch, which the caller discards or is behind.
local stream = KEYS[1]
local expected_last = ARGV[1] -- the id that the stream must end with; 0: it is empty
local floor = ARGV[2] -- the id up to which nobody needs older entries; 0: keep all
local restart = ARGV[3] == 'restart' -- begin the stream anew
local epoch = ARGV[4] -- of the entries to add
local FIRST, STEP = 5, 3 -- then for each entry its id, its route and its frame
local first_id = ARGV[FIRST]

local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local last = newest and string.match(newest[1], '^%d+') or '0'
local function field(entry, name)
    for i = 1, #entry[2], 2 do
        if entry[2][i] == name then return entry[2][i + 1] end
    end
    return epoch -- an entry of a version that knew of no epochs
end
if newest and not restart and field(newest, 'epoch') ~= epoch then return 'other epoch' end
if last ~= expected_last then return last end
-- An empty stream remembers its last id and would refuse smaller ones: it begins anew, too.
if restart or not newest then redis.call('DEL', stream) end
for i = FIRST, #ARGV, STEP do
    local id, route, frame = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    redis.call('XADD', stream, id .. '-0', 'route', route, 'frame', frame, 'epoch', epoch)
    last = id
end
if first_id and floor ~= '0' then
    -- The new entries stay, whatever the caller's tail no longer holds.
    local trim_below = tonumber(floor) < tonumber(first_id) and floor or first_id
    redis.call('XTRIM', stream, 'MINID', '~', trim_below)
end
return last
