"""No log holds what people write or sign in with: every kind of statement fails, and all that was written is searched for it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from chat.embedded import Postgres, Valkey
from tests.harness.backends import running, short_folder
from tests.harness.environment import product_environment
from tests.harness.operator import Operator, run_key
from tests.harness.people import Person
from tests.harness.server import ROOT, Server
from tests.harness.tables import engine_of, execute
from tests.harness.uploads import upload

TABLES = ("users", "avatars", "sessions", "rooms", "memberships", "read_markers", "invites", "bans", "files", "events", "reactions")
OPERATORS_TABLES = ("api_keys", "audit", "log")
OWN_SETTINGS = ("log_error_verbosity", "log_min_error_statement", "log_parameter_max_length")
MARK = "xyzzy"  # in every secret, and in nothing else
PASSWORD = f"a password with {MARK}"
HASHES = """
    SELECT password_hash FROM users UNION SELECT encode(token_hash, 'hex') FROM sessions
    UNION SELECT encode(key_hash, 'hex') FROM invites UNION SELECT encode(key_hash, 'hex') FROM api_keys
"""
REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'not this: %', NEW USING DETAIL = NEW::text; END $$
"""


class OperatorsPostgres(Postgres):
    """As an operator's own: without what the embedded one sets for its log."""

    def _command(self) -> list[str]:
        words = super()._command()
        settings = {word for word in words if word.startswith(OWN_SETTINGS)}
        assert len(settings) == len(OWN_SETTINGS) + 1
        return [word for word, after in zip(words, [*words[1:], ""], strict=True) if word not in settings and after not in settings]


@dataclass(frozen=True)
class Place:
    """The service with a PostgreSQL of its own, and what must be in no log."""

    server: Server
    postgres: Postgres
    dora: Person
    olga: Operator
    secrets: set[str]

    def written(self) -> str:
        return self.server.log() + self.postgres.log.read_text(errors="replace")

    def found(self) -> set[str]:
        written = self.written()
        return {secret for secret in self.secrets if secret in written}


def release(database_url: str, redis_url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "init-db"]
    environment = product_environment(database_url, redis_url)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


@pytest.fixture(params=[Postgres, OperatorsPostgres])
def place(request: pytest.FixtureRequest, valkey: Valkey) -> Iterator[Place]:
    with short_folder() as folder, running(request.param(folder / "postgres", durable=False)) as postgres:
        assert release(postgres.url, valkey.url).stderr == ""
        with Server(postgres.url, valkey.url) as server, sign_up(server) as dora:
            yield Place(server, postgres, dora, Operator(server), {MARK})
        engine_of(postgres.url).dispose()


def sign_up(server: Server) -> Person:
    http = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
    answer = http.post("/api/v1/users", json={"name": f"dora-{MARK}", "password": PASSWORD})
    http.cookies.clear()
    return Person.with_token(http, answer.json()["user"], answer.json()["token"])


def calls(place: Place) -> list[Callable[[], httpx.Response]]:
    """One of each kind that reads or writes, with secrets in all that they send."""
    http, base = place.dora.http, "/api/v1"
    open_room = http.post(f"{base}/rooms", json={"name": f"open {MARK}", "topic": MARK}).json()["id"]
    closed = http.post(f"{base}/rooms", json={"name": f"closed {MARK}", "kind": "closed"}).json()
    message = place.dora.post(open_room, f"text {MARK}", f"key-{MARK}")["id"]
    other = http.post(f"{base}/users", json={"name": f"emil-{MARK}", "password": PASSWORD}).json()["user"]["id"]
    http.cookies.clear()
    place.secrets.update(part for part in (closed["invite_key"].split("-", 1)[1], place.dora.token, place.olga.key["key"]) if part)
    place.secrets.update(value for (value,) in execute(place.postgres.url, HASHES))

    def ask(method: str, path: str, json: object = None, **headers: str) -> Callable[[], httpx.Response]:
        return lambda: http.request(method, base + path, json=json, headers=headers)

    def operate(method: str, path: str, json: object = None) -> Callable[[], httpx.Response]:
        return lambda: place.olga.request(method, path, json)

    room, text = f"/room/{open_room}", {"text": f"more {MARK}"}
    return [
        ask("POST", "/users", {"name": f"new-{MARK}", "password": PASSWORD}),
        ask("POST", "/session", {"name": f"dora-{MARK}", "password": PASSWORD}),
        *[
            ask("GET", path)
            for path in ("/session", "/sessions", "/rooms", room, f"/rooms?name={MARK}", f"/users?name={MARK}", "/conversations")
        ],
        *[
            ask("GET", path)
            for path in ("/messages", f"{room}/messages?after=0", f"/search?q={MARK}", f"/message/{message}", f"/room/open {MARK}")
        ],
        *[ask("GET", f"{room}/{what}") for what in ("members", "bans", "subscribe?after=0&wait=0")],
        ask("GET", f"/user/dora-{MARK}"),
        ask("GET", f"/user/{other}/messages"),
        ask("PATCH", "/user/me", {"about": f"about {MARK}"}),
        ask("PUT", "/password", {"password": PASSWORD, "new_password": PASSWORD}),
        ask("POST", "/rooms", {"name": f"another {MARK}", "topic": MARK}),
        ask("POST", "/rooms", {"name": f"another closed {MARK}", "kind": "closed"}),
        ask("PATCH", room, {"topic": f"topic {MARK}"}),
        ask("POST", f"/room/{closed['id']}/invite"),
        ask("POST", f"/room/{closed['id']}/members", {"invite_key": closed["invite_key"]}),
        ask("POST", f"{room}/members", {}),
        ask("POST", f"{room}/messages", text, **{"Idempotency-Key": f"another-key-{MARK}"}),
        ask("POST", f"/user/{other}/messages", text, **{"Idempotency-Key": f"a-third-key-{MARK}"}),
        ask("PATCH", f"/message/{message}", {"text": f"edited {MARK}"}),
        ask("PUT", f"/message/{message}/reactions/👍"),
        ask("PUT", f"{room}/read", {"id": message}),
        ask("PUT", f"{room}/bans/{other}"),
        lambda: upload(place.dora, room, b"bytes", f"{MARK}.bin", f"text {MARK}", f"file-key-{MARK}"),
        operate("GET", "/rooms"),
        operate("GET", f"/users?name={MARK}"),
        operate("GET", "/audit"),
        operate("POST", "/announcements", {"text": f"announced {MARK}"}),
        operate("PUT", f"/user/{other}/ban"),
        operate("DELETE", f"/user/{other}/sessions"),
    ]


@contextmanager
def broken(url: str, breaks: str, mends: str) -> Iterator[None]:
    execute(url, breaks)
    try:
        yield
    finally:
        execute(url, mends)


def faults(url: str, table: str) -> list[tuple[str, str]]:
    """What makes the statements on a table fail, and what undoes it: a check, an error that quotes the row, no such table."""
    check, trigger = (
        f"ALTER TABLE {table} ADD CONSTRAINT never CHECK (now() < 'epoch') NOT VALID",
        f"CREATE TRIGGER never BEFORE INSERT OR UPDATE ON {table}",
    )
    return [
        (check, f"ALTER TABLE {table} DROP CONSTRAINT never"),
        (f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse()", f"DROP TRIGGER never ON {table}"),
        (f"ALTER TABLE {table} RENAME TO away", f"ALTER TABLE away RENAME TO {table}"),
    ]


def test_no_log_holds_what_a_failed_statement_held(place: Place) -> None:
    every_call = calls(place)
    execute(place.postgres.url, REFUSE)
    failed = set()
    for table in (*TABLES, *OPERATORS_TABLES):
        for breaks, mends in faults(place.postgres.url, table):
            with broken(place.postgres.url, breaks, mends):
                failed |= {number for number, call in enumerate(every_call) if call().status_code == 500}
                if table in OPERATORS_TABLES:
                    assert MARK not in run_key(place.server, "add", f"key {MARK}").output
    assert failed == set(range(len(every_call))), "a call whose statements never failed shows nothing"
    assert place.found() == set()
    assert "CheckViolation (23514 events.never)" in place.server.log(), "the place of the fault is told"


def test_a_role_that_may_not_keep_content_out_of_the_log_is_told_who_may(valkey: Valkey) -> None:
    with short_folder() as folder, running(OperatorsPostgres(folder / "postgres", durable=False)) as postgres:
        execute(postgres.url, "CREATE ROLE plain LOGIN")
        execute(postgres.url, "ALTER DATABASE chat OWNER TO plain")
        told = release(postgres.url.replace("//chat@", "//plain@"), valkey.url).stderr
        statement = "ALTER ROLE plain IN DATABASE chat SET log_min_error_statement = 'panic'"
        assert told.startswith("PostgreSQL's log may hold what people write, until a superuser runs: ALTER ROLE") and statement in told
        for line in told.partition("runs: ")[2].strip().rstrip(";").split("; "):
            execute(postgres.url, line)
        assert release(postgres.url.replace("//chat@", "//plain@"), valkey.url).stderr == ""
        engine_of(postgres.url).dispose()
