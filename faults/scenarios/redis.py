"""Faults of Redis."""

import re

from faults.load import Size
from faults.processes import stopped, wait_for
from faults.scenarios.registry import scenario
from faults.stage import Stage

MANY = Size(keyed=20, pause=0.1)  # some 150 posts a second
LARGE = Size(padding=2000)
FULL_BYTES = 200_000  # beyond what is used
AHEAD = 400
ROUNDS = 5
LOADING_KEYS, LOADING_MICROSECONDS = 4000, 2000

Entry = tuple[int, dict[bytes, bytes]]


@scenario("nothing: the load alone")
def nothing(stage: Stage) -> None:
    with stage.fault():
        stage.dwell()


@scenario("Redis stopped (SIGSTOP) for 8 s")
def redis_stopped(stage: Stage) -> None:
    with stage.fault(), stopped([stage.valkey.pid]):
        stage.dwell()


@scenario("Redis swallows: its network takes everything and gives nothing, 8 s")
def redis_swallowed(stage: Stage) -> None:
    with stage.fault(), stage.to_valkey.mode("swallow"):
        stage.dwell()
    stage.require(stage.to_valkey.counts().swallowed_bytes, "nothing was swallowed")


@scenario("Redis's connections die silently, new ones work (a firewall forgot them)")
def redis_half_open(stage: Stage) -> None:
    with stage.fault():
        stage.require(stage.to_valkey.half_open(), "there was no connection")


@scenario("Redis killed, away for 8 s, back empty")
def redis_killed(stage: Stage) -> None:
    with stage.fault():
        stage.valkey.kill()
        stage.dwell()
        stage.valkey.start()


@scenario("Redis restarted at once, empty")
def redis_restarted(stage: Stage) -> None:
    with stage.fault():
        stage.valkey.kill()
        stage.valkey.start()


@scenario("Redis's connections cut every 200 ms, 8 s")
def redis_connections_cut(stage: Stage) -> None:
    with stage.fault():
        cut = stage.repeatedly(0.2, stage.to_valkey.cut)
    stage.require(sum(cut), "no connection was cut")


@scenario("Redis's answers truncated after 300 bytes, then cut, 8 s")
def redis_truncated(stage: Stage) -> None:
    with stage.fault(), stage.to_valkey.mode("truncate", after=300):
        stage.dwell()
    stage.require(stage.to_valkey.counts().truncated, "nothing was truncated")


@scenario("Redis full (maxmemory, noeviction), 8 s", size=LARGE)
def redis_full(stage: Stage) -> None:
    with stage.fault():
        stage.valkey.configure(maxmemory_policy="noeviction", maxmemory=str(stage.valkey.used_bytes() + FULL_BYTES))
        stage.dwell()
        stage.valkey.configure(maxmemory="0")
    stage.require(stage.valkey.errors("OOM"), "Redis never was full")


@scenario("Redis evicts (maxmemory, allkeys-lru), 8 s", size=LARGE)
def redis_evicting(stage: Stage) -> None:
    with stage.fault():
        stage.valkey.configure(maxmemory_policy="allkeys-lru", maxmemory=str(stage.valkey.used_bytes() + FULL_BYTES))
        stage.dwell()
        stage.valkey.configure(maxmemory="0")
    stage.require(stage.valkey.info("stats", "evicted_keys"), "nothing was evicted")


@scenario("Redis fails over to a replica that is behind", replica=True)
def redis_failover_behind(stage: Stage) -> None:
    stage.replica.lead()  # from now on it falls behind
    stage.dwell(0.5)
    stage.require(stage.replica.entries()[-1][0] < stage.valkey.entries()[-1][0], "the replica is not behind")
    with stage.fault():
        stage.valkey.kill()
        stage.to_valkey.retarget(stage.replica.target)
        stage.to_valkey.cut()


@scenario("Redis fails over, five times, to a log that is ahead of the database", 12, replica=True, size=MANY)
def redis_failover_ahead(stage: Stage) -> None:
    """Again and again: a hub that waits for the log when its connection breaks meets the new one in another way than one that does not."""
    stage.replica.lead()
    servers = (stage.replica, stage.valkey)
    with stage.fault():
        for number in range(ROUNDS):
            new, old = servers[number % 2], servers[(number + 1) % 2]
            entries = wait_for(old.entries, 10, "a log")
            last = entries[-1]
            more = [_foreign(last, last[0] + ahead) for ahead in range(1, AHEAD + 1)]
            new.replace(old.stream(), [*entries, *more])
            stage.to_valkey.retarget(new.target)
            stage.require(stage.to_valkey.cut(), "there was no connection")
            stage.dwell(1 / ROUNDS)


@scenario("Redis fails over to a log of another past (the same ids, other texts), and all workers start from it", replica=True)
def redis_failover_foreign(stage: Stage) -> None:
    stage.replica.lead()
    foreign = [_foreign(entry, entry[0]) for entry in stage.replica.entries()]
    stage.replica.replace(stage.replica.stream(), foreign)
    with stage.fault():
        stage.kill_workers()
        stage.to_valkey.retarget(stage.replica.target)
        stage.valkey.kill()
        stage.to_valkey.cut()


@scenario("Redis demoted to a read-only replica, 8 s", replica=True)
def redis_demoted(stage: Stage) -> None:
    stage.replica.lead()
    with stage.fault():
        stage.valkey.follow(stage.replica)
        stage.dwell()
        stage.valkey.lead()
    stage.require(stage.valkey.errors("READONLY"), "nothing was refused as read-only")


@scenario("Redis restarted, and loading its data for 8 s")
def redis_loading(stage: Stage) -> None:
    stage.valkey.fill(LOADING_KEYS)
    with stage.fault():
        stage.valkey.kill()
        stage.valkey.start_loading(LOADING_MICROSECONDS)
        stage.valkey.wait_until_loaded(60)
    stage.require(stage.valkey.errors("LOADING"), "nobody met a Redis that loads")


@scenario("Redis 5 ms away (a round trip), 150 posts a second, 10 s", 10, size=MANY)
def redis_slow_5(stage: Stage) -> None:
    _slow(stage, 5)


@scenario("Redis 20 ms away, 10 s", 10, size=MANY)
def redis_slow_20(stage: Stage) -> None:
    _slow(stage, 20)


@scenario("Redis 50 ms away, 10 s", 10, size=MANY)
def redis_slow_50(stage: Stage) -> None:
    _slow(stage, 50)


def _slow(stage: Stage, milliseconds: float) -> None:
    with stage.fault(), stage.to_valkey.mode("pass", up_ms=milliseconds / 2, down_ms=milliseconds / 2):
        stage.dwell()


def _foreign(entry: Entry, number: int) -> Entry:
    """The same entry under this id, with a text that nobody posted, of another past: its epoch is another one."""
    fields = {name: b"another past" if name == b"epoch" else _renumbered(value, number) for name, value in entry[1].items()}
    return number, fields


def _renumbered(value: bytes, number: int) -> bytes:
    value = re.sub(rb"^id: \d+", b"id: %d" % number, value)
    value = re.sub(rb'"id":\d+', b'"id":%d' % number, value, count=1)
    return value.replace(b" says ", b" never wrote ")
