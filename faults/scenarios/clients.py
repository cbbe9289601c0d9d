"""Faults of clients and of the network between them and the service."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from faults import crowd
from faults.load import Size
from faults.processes import resident
from faults.scenarios.registry import scenario
from faults.stage import Stage

POSTS = "POST /api/v1/room/"
CROWD = 500
TRICKLING = 150
STORM = 3000
BYTE_SECONDS = 0.1
MEGABYTE = 1_000_000


@scenario("500 streams that never read, 15 s", 15, size=Size(padding=6000))
def clients_never_read(stage: Stage) -> None:
    with _memory(stage), stage.fault():
        silent = stage.load.call(crowd.silent_readers(stage.service.port, CROWD, _request(stage)))
        stage.dwell()
        stage.note(f"{crowd.closed_by_server(silent)} of {CROWD} closed by the service")
        for client in silent:
            client.close()


@scenario("150 clients that read a byte every 100 ms, 150 that send one, 12 s", 12, size=Size(padding=2000))
def clients_trickle(stage: Stage) -> None:
    request = _request(stage)
    with _memory(stage), stage.fault():
        for _ in range(TRICKLING):
            stage.load.spawn(crowd.trickle_in(stage.service.port, request, BYTE_SECONDS))
            stage.load.spawn(crowd.trickle_out(stage.service.port, request, BYTE_SECONDS))
        stage.dwell()


@scenario("500 streams whose clients vanish without a word, 12 s", 12, size=Size(padding=6000))
def clients_vanish(stage: Stage) -> None:
    way = stage.relay(stage.service.address)
    with _memory(stage):
        silent = stage.load.call(crowd.silent_readers(way.port, CROWD, _request(stage)))
        with stage.fault(), way.mode("hold"):
            stage.dwell()
            way.cut()
        for client in silent:
            client.close()


@scenario("a storm: 3,000 streams opened at once")
def clients_storm(stage: Stage) -> None:
    with _memory(stage):
        with stage.fault():
            openings, clients = stage.load.call(crowd.storm(stage.service.port, STORM, _request(stage)))
        times = sorted(opening.seconds for opening in openings if opening.seconds is not None)
        statuses = Counter(opening.status for opening in openings)
        stage.note(f"opened: {', '.join(f'{status}: {count}' for status, count in statuses.items())}")
        stage.note(f"half of them after {times[len(times) // 2]:.1f} s, the last after {times[-1]:.1f} s" if times else "none opened")
        stage.dwell(0.5)
        for client in clients:
            client.close()


@scenario("clients' connections cut every second, 8 s", relayed_clients=True)
def clients_cut(stage: Stage) -> None:
    with stage.fault():
        cut = stage.repeatedly(1.0, stage.to_service.cut)
    stage.require(sum(cut), "no connection was cut")


@scenario("each 5th answer to a post lost on the way to the client, 8 s", relayed_clients=True)
def clients_answers_lost(stage: Stage) -> None:
    with stage.fault(), stage.to_service.mode("lose", pattern=POSTS, every=5):
        stage.dwell()
    stage.require(stage.to_service.counts().lost_answers, "no answer was lost")


@scenario("answers to clients truncated after 700 bytes, then cut, 8 s", relayed_clients=True)
def clients_truncated(stage: Stage) -> None:
    with stage.fault(), stage.to_service.mode("truncate", after=700):
        stage.dwell()
    stage.require(stage.to_service.counts().truncated, "nothing was truncated")


@scenario("clients' network swallows everything for 8 s", relayed_clients=True, patience=60)
def clients_swallowed(stage: Stage) -> None:
    with stage.fault():
        with stage.to_service.mode("swallow"):
            stage.dwell()
        stage.require(stage.to_service.give_up(), "nothing was swallowed")  # the clients' systems end what is dead


def _request(stage: Stage) -> bytes:
    load = stage.load
    return crowd.stream_request(stage.service.address, load.rooms[0], load.people[0].token, load.start_cursor)


@contextmanager
def _memory(stage: Stage) -> Iterator[None]:
    """Notes what the workers had before, and have at the end of the block."""
    before = resident(stage.service.workers()) / MEGABYTE
    yield
    stage.note(f"memory of both workers {before:.0f} → {resident(stage.service.workers()) / MEGABYTE:.0f} MB")
