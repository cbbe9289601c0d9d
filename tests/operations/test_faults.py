"""The fault bench sees what it is for: relays do to bytes what they say, the checker finds what was planted, and a few faults run
from their servers' start to their row. All of them: bin/faults."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from faults import checker, controls, table
from faults.__main__ import BEGIN, END, PAGE, write
from faults.checker import NEVER, Verdict, judge
from faults.evidence import Attempt, Evidence, Follower, Post, Probe, Received, Row, Silence
from faults.proxy import Proxy, RelayHandle
from faults.run import evidence_of
from faults.scenarios import SCENARIOS
from faults.stage import template

SILENCE_SECONDS = 0.3  # long enough for an answer on loopback, were there one
SHORT_SECONDS = 2.0


# The relay


class Echo(socketserver.BaseRequestHandler):
    """Sends back what it gets."""

    def handle(self) -> None:
        with suppress(OSError):
            while data := self.request.recv(1000):
                self.request.sendall(data)


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with Proxy() as running:
        yield running


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def relay(proxy: Proxy) -> Iterator[RelayHandle]:
    """One that leads to an echo."""
    server = TcpServer(("127.0.0.1", 0), Echo)
    with served(server):
        yield proxy.relay(f"127.0.0.1:{server.server_address[1]}")


@pytest.fixture
def dial(relay: RelayHandle) -> Iterator[Callable[[], socket.socket]]:
    """Opens connections to the relay, and closes them after the test."""
    with ExitStack() as opened:

        def connect() -> socket.socket:
            client = opened.enter_context(socket.create_connection(("127.0.0.1", relay.port)))
            client.settimeout(10)
            return client

        yield connect


Dial = Callable[[], socket.socket]


def echoed(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(1000)


def is_silent(client: socket.socket) -> bool:
    client.settimeout(SILENCE_SECONDS)
    try:
        return client.recv(1000) == b"never"
    except TimeoutError:
        return True
    finally:
        client.settimeout(10)


def test_a_relay_passes_bytes_and_ends(dial: Dial) -> None:
    client = dial()
    assert echoed(client, b"hello") == b"hello"
    client.shutdown(socket.SHUT_WR)
    assert client.recv(10) == b""


def test_a_relay_leads_to_a_unix_socket(proxy: Proxy, tmp_path: Path) -> None:
    with served(UnixServer(str(tmp_path / "echo"), Echo)):
        relay = proxy.relay(str(tmp_path / "echo"))
        with socket.create_connection(("127.0.0.1", relay.port)) as client:
            assert echoed(client, b"hello") == b"hello"


def test_a_relay_leads_elsewhere_from_now_on(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    assert echoed(client, b"a") == b"a"
    relay.retarget("127.0.0.1:1")
    with pytest.raises(ConnectionError):
        assert dial().recv(10) == b"never"
    assert echoed(client, b"b") == b"b"


def test_a_cut_is_a_reset(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    assert echoed(client, b"a") == b"a"
    assert relay.cut() == 1
    with pytest.raises(ConnectionResetError):
        client.recv(10)


def test_a_delay_is_added_both_ways(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    relay.set(up_ms=60, down_ms=40)
    begun = time.monotonic()
    assert echoed(client, b"a") == b"a"
    assert time.monotonic() - begun >= 0.1


def test_what_was_swallowed_once_stays_a_black_hole(relay: RelayHandle, dial: Dial) -> None:
    before = dial()
    with relay.mode("swallow"):
        during = dial()
        for client in (before, during):
            client.sendall(b"a")
            assert is_silent(client)
    assert all(is_silent(client) for client in (before, during))
    assert echoed(dial(), b"b") == b"b"
    assert relay.counts().swallowed_bytes == 2


def test_answers_alone_are_swallowed(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    with relay.mode("swallow", way="down"):
        client.sendall(b"a")
        assert is_silent(client)
    assert relay.counts().passed_bytes == 1  # the request


def test_what_is_held_comes_late_and_whole(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    with relay.mode("hold"):
        client.sendall(b"a")
        assert is_silent(client)
    assert client.recv(10) == b"a"


def test_a_half_open_connection_hears_of_no_end(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    assert echoed(client, b"a") == b"a"
    assert relay.half_open() == 1
    client.sendall(b"b")
    assert is_silent(client)
    assert relay.give_up() == 1
    assert client.recv(10) == b""


def test_a_refusing_relay_listens_again_at_its_port(relay: RelayHandle, dial: Dial) -> None:
    with relay.mode("refuse"), pytest.raises(ConnectionRefusedError):
        dial()
    assert echoed(dial(), b"a") == b"a"


def test_an_answer_is_truncated(relay: RelayHandle, dial: Dial) -> None:
    relay.set("truncate", after=3)
    client = dial()
    assert echoed(client, b"hello") == b"hel"
    with pytest.raises(ConnectionResetError):
        client.recv(10)
    assert relay.counts().truncated == 1


def test_a_request_is_passed_on_and_its_answer_lost(relay: RelayHandle, dial: Dial) -> None:
    relay.set("lose", pattern="COMMIT", every=2)
    client = dial()
    assert echoed(client, b"COMMIT 1") == b"COMMIT 1"
    client.sendall(b"COMMIT 2")
    with pytest.raises(ConnectionResetError):
        client.recv(10)
    assert (relay.counts().matched, relay.counts().lost_answers) == (2, 1)


def test_an_answer_is_lost_in_silence_once(relay: RelayHandle, dial: Dial) -> None:
    relay.set("lose", pattern="COMMIT", times=1, then="silence")
    client = dial()
    client.sendall(b"COMMIT")
    assert is_silent(client)
    assert echoed(dial(), b"COMMIT") == b"COMMIT"


def test_a_mode_concerns_the_connections_of_some_processes(relay: RelayHandle, dial: Dial) -> None:
    client = dial()
    assert echoed(client, b"a") == b"a"
    with relay.mode("swallow", pids=(1,)):
        assert echoed(client, b"b") == b"b"


def test_an_unknown_mode_is_refused(relay: RelayHandle) -> None:
    with pytest.raises(ValueError, match="sing"):
        relay.set("sing")


# The checker


def post(text: str, number: int | None, at: float = 1.0, took: float = 0.1, status: int = 201, key: str | None = "key") -> Post:
    return Post(text, 1, key and f"{key}-{text}", [Attempt(at, at + took, status, "", number)])


def follower(*received: Received, start: int = 0, cursor: int = 3, late: bool = False) -> Follower:
    return Follower("bob", "SSE", [1], late, start, cursor, list(received))


def seen(number: int, text: str, at: float = 2.0) -> Received:
    return Received("event", number, text, at)


ALL = (seen(1, "a"), seen(2, "b"), seen(3, "c"))
RECORD = [Row(1, 1, "a"), Row(2, 1, "b"), Row(3, 1, "c")]
POSTS = [post("a", 1), post("b", 2), post("c", 3)]


def verdict(posts: list[Post] = POSTS, *followers: Follower, record: list[Row] = RECORD, probes: tuple[Probe, ...] = ()) -> Verdict:
    return judge(Evidence(0.5, 5.0, 30.0, posts, list(followers or (follower(*ALL),)), list(probes), record))


def test_a_run_without_a_fault_has_nothing_but_zeros() -> None:
    one = verdict(POSTS, follower(*ALL), probes=(Probe(6.0, 0.1, "200"),))
    counts = (one.lost_posts, one.lost, one.repeated, one.reordered, one.phantom, one.doubled, one.refused_but_landed, one.ready_while_ill)
    assert counts == (0,) * 8
    assert (one.until_well, one.behind, one.unanswered, one.deliveries) == (0.0, (0, 1), 0, 3)


def test_a_delivery_that_never_came_is_lost() -> None:
    assert verdict(POSTS, follower(ALL[0], ALL[2])).lost == 1


def test_what_lies_beyond_the_last_cursor_is_late_and_not_lost() -> None:
    one = verdict(POSTS, follower(*ALL[:2], cursor=2))
    assert (one.lost, one.behind, one.until_well) == (0, (1, 1), NEVER)


def test_a_delivery_that_comes_twice_is_repeated() -> None:
    assert verdict(POSTS, follower(*ALL, ALL[2])).repeated == 1


def test_a_smaller_id_after_a_greater_one_is_out_of_order() -> None:
    assert verdict(POSTS, follower(ALL[1], ALL[0], ALL[2])).reordered == 1


def test_a_text_that_was_never_committed_is_a_phantom_and_the_true_one_is_lost() -> None:
    one = verdict(POSTS, follower(*ALL[:2], seen(3, "another")))
    assert (one.phantom, one.lost) == (1, 1)


def test_a_reset_takes_back_what_lies_above_it() -> None:
    one = verdict(POSTS, follower(ALL[0], seen(2, "x"), seen(9, "y"), Received("reset", 1, "", 2.5), *ALL[1:]))
    assert (one.phantom, one.lost, one.repeated, one.reordered, one.withdrawn, one.resets) == (0, 0, 0, 0, 2, 1)


def test_a_post_that_was_accepted_and_is_gone_is_lost() -> None:
    assert verdict([*POSTS, post("d", 4)]).lost_posts == 1


def test_a_post_that_was_accepted_under_another_id_is_lost() -> None:
    assert verdict([post("a", 7), *POSTS[1:]]).lost_posts == 1


def test_a_keyed_post_that_is_there_twice_is_doubled() -> None:
    assert verdict(record=[*RECORD, Row(4, 1, "a")]).doubled == 1


@pytest.mark.parametrize(("status", "key", "landed"), [(503, None, 1), (503, "key", 0), (None, None, 0), (201, None, 0)])
def test_a_refused_post_without_a_key_that_landed_is_counted(status: int, key: str | None, landed: int) -> None:
    refused = post("d", None if status != 201 else 4, status=status, key=key)
    assert verdict([*POSTS, refused], record=[*RECORD, Row(4, 1, "d")]).refused_but_landed == landed


def test_a_post_waits_from_its_first_attempt_to_its_acceptance() -> None:
    again = Post("d", 1, "key-d", [Attempt(2.0, 3.0, 503), Attempt(3.5, 9.5, 201, "", 4)])
    one = verdict([*POSTS, again], follower(*ALL, seen(4, "d", 9.6), cursor=4), record=[*RECORD, Row(4, 1, "d")])
    assert (one.longest_wait, one.slowest_failure, one.results) == (7.5, (1.0, "503"), {"201": 4, "503": 1})
    assert one.well_parts == {"posts": 4.5, "followers": 0.0, "readyz": 0.0}


def test_a_post_that_is_never_accepted_is_never_well() -> None:
    one = verdict([*POSTS, Post("d", 1, "key-d", [Attempt(2.0, 3.0, None, "no answer")])])
    assert (one.unanswered, one.until_well, one.longest_wait) == (1, NEVER, 28.0)


def test_a_late_delivery_is_not_well_until_it_came() -> None:
    assert verdict(POSTS, follower(*ALL[:2], seen(3, "c", 8.0))).well_parts["followers"] == 3.0


def test_a_silence_on_a_stream_is_measured() -> None:
    quiet = replace(follower(*ALL), silences=[Silence(2.0, 12.5)])
    assert verdict(POSTS, quiet).longest_silence == 12.5


def test_a_probe_that_says_200_while_a_post_waits_is_counted() -> None:
    waiting = Post("d", 1, "key-d", [Attempt(2.0, 12.0, 201, "", 4)])
    probes = (Probe(4.0, 0.1, "200"), Probe(6.0, 0.1, "200"), Probe(7.0, 0.1, "503", "deaf"), Probe(13.0, 0.1, "200"))
    one = verdict([*POSTS, waiting], follower(*ALL, seen(4, "d", 12.1), cursor=4), record=[*RECORD, Row(4, 1, "d")], probes=probes)
    assert (one.ready_while_ill, one.ill_seconds, one.readyz) == (1, 7.0, {"200": 3, "503 deaf": 1})


def test_evidence_comes_back_from_its_file(tmp_path: Path) -> None:
    evidence = Evidence(0.5, 5.0, 30.0, POSTS, [follower(*ALL)], [Probe(6.0, 0.1, "200")], RECORD, ["a note"])
    evidence.write(tmp_path / "run.json")
    assert Evidence.read(tmp_path / "run.json") == evidence


# The table and its page


def test_the_page_keeps_what_is_around_the_table_and_other_rows(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    first, second, *_ = [table.skipped(one.title, "old") for one in SCENARIOS.values()]
    page.write_text(f"before\n{BEGIN}\n{table.whole([first, second])}\n{END}\nafter\n")
    new = second.replace("old", "new")
    write(page, [new])
    assert page.read_text() == f"before\n{BEGIN}\n{table.whole([first, new])}\n{END}\nafter\n"


def test_the_page_has_a_row_for_each_fault() -> None:
    rows = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    assert len(SCENARIOS) >= 40
    assert [one.title for one in SCENARIOS.values() if f"| {one.title} |" not in rows] == []


def test_a_row_shows_what_went_wrong() -> None:
    row = table.line("a fault", verdict(POSTS, follower(*ALL[:2], seen(3, "another"), ALL[0])))
    assert "**1 deliveries**" in row and "| **1** |" in row
    assert row.count("|") == len(table.COLUMNS) + 1


# From the servers' start to the row


@pytest.fixture(scope="module")
def database() -> Iterator[Path]:
    with template() as folder:
        yield folder


@pytest.mark.parametrize("name", ["nothing", "redis-restarted", "postgres-killed"])
def test_a_fault_that_the_service_survives(name: str, proxy: Proxy, database: Path) -> None:
    one = checker.judge(evidence_of(SCENARIOS[name], proxy, database, SHORT_SECONDS))
    assert one.posts > 10 and one.deliveries > 50
    assert (one.lost_posts, one.lost, one.repeated, one.phantom, one.doubled) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("column", ["deliveries lost", "refused, but landed"])
def test_a_column_sees_a_safeguard_that_is_taken_out(column: str, proxy: Proxy, database: Path) -> None:
    (control,) = [each for each in controls.CONTROLS if each.column == column]
    assert controls.run(control, proxy, database, SHORT_SECONDS) > 0
