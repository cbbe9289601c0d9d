"""bin/chat audit finds a sound deployment clean, and names what a broken one loses, repeats, reorders, alters or withholds."""

import json
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chat.audit import latency, verification
from chat.audit.command import audit
from chat.audit.connection import Address
from chat.audit.posters import Post
from chat.audit.readers import Delivery, Habits, Reader
from chat.audit.subscriptions import Room, Row
from tests.harness import frame_proxy
from tests.harness.deadline import eventually
from tests.harness.nginx import nginx
from tests.harness.people import Person
from tests.harness.server import ROOT, Server, free_port
from tests.harness.tables import execute

CLEAN, BROKEN, USAGE, NOT_SIGNED_IN, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 5, 130
SHORT = ("--clients", "12", "--seconds", "1", "--rate", "60")
FAULTS: dict[frame_proxy.Change, str] = {
    frame_proxy.drops_one: "lost",
    frame_proxy.repeats_one: "repeated",
    frame_proxy.swaps_two: "reordered",
    frame_proxy.alters_one: "altered",
}


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.said)
        return report

    @property
    def faults(self) -> set[str]:
        return {finding["fault"] for finding in self.report["findings"]}


def audited(url: str, *options: str) -> Outcome:
    result = CliRunner(catch_exceptions=False).invoke(audit, [url, *SHORT, *options])
    return Outcome(result.exit_code, result.output)


def left_behind(server: Server) -> list[str]:
    """Rooms of an audit that go on, and sessions of its people that do."""
    rooms = execute(server.database_url, "SELECT name FROM rooms WHERE name LIKE 'audit-%' AND ended_at IS NULL")
    sessions = "SELECT u.name FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.name LIKE 'audit-%' AND s.ended_at IS NULL"
    return [name for (name,) in rooms + execute(server.database_url, sessions)]


@pytest.fixture(scope="module")
def sound(server: Server) -> Outcome:
    """Of a deployment where nothing is wrong."""
    return audited(server.url, "--json")


def test_a_sound_deployment_is_clean(sound: Outcome) -> None:
    report = sound.report
    assert (sound.code, report["findings"], report["surprises"], report["left"]) == (CLEAN, [], [], [])
    assert report["posts"]["acknowledged"] and not report["posts"]["unanswered"]


@pytest.mark.parametrize("transport", ["sse", "long_poll"])
def test_both_transports_are_measured(sound: Outcome, transport: str) -> None:
    way = sound.report[transport]
    assert (way["state"], way["clients"]) == ("works", 6)
    assert way["deliveries"] and way["since_sent"]["count"] and way["since_answered"]["count"] and way["first_byte"]["count"]


def test_nothing_of_an_audit_goes_on_after_it(server: Server, sound: Outcome) -> None:
    assert execute(server.database_url, "SELECT id FROM users WHERE name LIKE 'audit-%'"), "there was one"
    assert left_behind(server) == []


@pytest.mark.parametrize("change", FAULTS, ids=lambda change: change.__name__)
def test_what_a_proxy_does_to_frames_is_named(server: Server, change: frame_proxy.Change) -> None:
    with frame_proxy.frame_proxy(server, change) as url:
        outcome = audited(url, "--json")
    assert outcome.code == BROKEN
    assert FAULTS[change] in outcome.faults
    assert all("SSE" in finding["where"] for finding in outcome.report["findings"])


def test_a_stream_that_nginx_holds_back_is_told_apart_from_a_loss(server: Server, tmp_path: Path) -> None:
    """The long poll works, and everybody uses that."""
    with nginx(server, tmp_path, "proxy_ignore_headers X-Accel-Buffering;") as url:
        outcome = audited(url, "--json")
    report = outcome.report
    assert (outcome.code, report["findings"], report["surprises"]) == (CLEAN, [], [])
    assert (report["sse"]["state"], report["long_poll"]["state"], report["long_poll"]["clients"]) == ("mute", "works", 12)
    assert "proxy_buffering off" in report["advice"][0]


def test_a_killed_worker_loses_nothing(fresh_server: Server) -> None:
    command = [sys.executable, "-m", "chat.audit", fresh_server.url, *SHORT, "--seconds", "3", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        eventually(lambda: posts(fresh_server) > 20, 30)
        fresh_server.kill_worker(fresh_server.worker_pids()[0])
        said, _ = running.communicate(timeout=60)
    outcome = Outcome(running.returncode, said)
    assert (outcome.code, outcome.report["findings"], outcome.report["surprises"]) == (CLEAN, [], [])
    reasons = outcome.report["sse"]["reasons"].keys() | outcome.report["long_poll"]["reasons"].keys()
    assert reasons & {"closed", "error"}, "nobody noticed: the worker had no clients"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_it_leaves_nothing_behind(server: Server, sent: signal.Signals) -> None:
    enough = posts(server) + 20
    command = [sys.executable, "-m", "chat.audit", server.url, *SHORT, "--seconds", "600"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        eventually(lambda: posts(server) > enough, 30)
        assert left_behind(server)
        running.send_signal(sent)
        _, told = running.communicate(timeout=30)
    assert (running.returncode, left_behind(server)) == (INTERRUPTED, [])
    assert told.splitlines()[-1] == "audit: stopped"


def posts(server: Server) -> int:
    """Direct ones: a room's are gone with it."""
    count: int = execute(server.database_url, "SELECT count(*) FROM events WHERE text LIKE 'audit %'")[0][0]
    return count


def test_a_given_account_is_used_and_stays_signed_in(server: Server, alice: Person) -> None:
    outcome = audited(server.url, "--token", alice.token)
    assert outcome.code == CLEAN
    assert "none lost, repeated or out of order" in " ".join(outcome.said.split())
    assert alice.token not in outcome.said
    assert alice.http.get("/api/v1/session").status_code == 200
    assert left_behind(server) == []


def test_rooms_are_kept_for_whoever_asks(server: Server, alice: Person) -> None:
    outcome = audited(server.url, "--json", "--keep", "--token", alice.token)
    kept = [room for room in alice.http.get("/api/v1/rooms?name=audit-&limit=500").json() if room["name"].startswith("audit-")]
    assert outcome.code == CLEAN
    assert [room["messages"] for room in kept] == [outcome.report["posts"]["acknowledged"] + 2], "two were said to try the transports"
    for room in kept:
        assert alice.http.delete(f"/api/v1/room/{room['id']}").status_code == 204


def test_a_token_that_is_not_good_is_refused(server: Server) -> None:
    outcome = audited(server.url, "--token", "secret-and-wrong")
    assert outcome.code == NOT_SIGNED_IN
    assert "secret-and-wrong" not in outcome.said


def test_a_token_that_no_header_can_hold_is_refused_without_being_shown(server: Server) -> None:
    outcome = audited(server.url, "--token", "secret\nX-Other: 1")
    assert outcome.code == USAGE
    assert "secret" not in outcome.said


def test_nobody_there_is_not_a_loss() -> None:
    assert audited(f"http://127.0.0.1:{free_port()}").code == UNREACHABLE


@pytest.mark.parametrize("url", ["chat.example.org", "ftp://chat.example.org", "https://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    assert audited(url).code == USAGE


def test_an_address_keeps_its_path_and_its_port() -> None:
    address = Address.of("http://chat.example.org:8000/team/api/v1/")
    assert (address.hostname, address.port, address.host, address.base) == ("chat.example.org", 8000, "chat.example.org:8000", "/team")


def test_what_an_operator_announces_in_all_rooms_is_no_post_that_came_twice() -> None:
    announced = [Row(event_id, "announcement", room, None, None, "we stop at five") for event_id, room in ((7, 1), (8, 2))]
    posted = [Row(event_id, "message", room, 1, None, "audit poster 0 post 1") for event_id, room in ((9, 1), (10, 2))]
    assert verification.check_posts([], announced) == []
    assert [finding.ids for finding in verification.check_posts([], announced + posted)] == [(9, 10)]


def test_half_of_the_deliveries_took_no_longer_than_the_median() -> None:
    percentiles = latency.percentiles(number / 1000 for number in range(1, 101))
    assert percentiles == latency.Percentiles(100, 50.0, 95.0, 99.0, 100.0)
    assert latency.percentiles([]) is None


def test_who_was_away_when_it_was_sent_is_not_counted() -> None:
    post = Post("/", "hi", sent=10.0, answered=10.5, id=1)
    reader = Reader(0, Room(1), "", Habits(False, None, 1, 1), random.Random())
    reader.deliveries = [Delivery(1, "message", "hi", 10.2, 9.0), Delivery(1, "message", "hi", 12.0, 11.0)]
    assert [delivery.at for _, delivery in latency.live_deliveries([reader], [post])] == [10.2]
