"""API keys, created and revoked on the command line."""

import json

import pytest

from tests.harness import http_client
from tests.harness.operator import BASE, Operator, make_key, run_key
from tests.harness.server import Server
from tests.harness.tables import execute


@pytest.mark.parametrize(
    "arguments", [("add", ""), ("add", "x" * 81), ("add", "a\nb"), ("add", "olga", "--scope", "everything"), ("end", "olga")]
)
def test_what_makes_no_sense_is_a_usage_error(server: Server, arguments: tuple[str, ...]) -> None:
    assert run_key(server, *arguments).exit_code == 2


def test_a_key_that_is_not_there_cannot_be_ended(server: Server) -> None:
    key = make_key(server)
    assert run_key(server, "end", str(key["id"])).exit_code == 0
    for gone in (str(key["id"]), "9999999"):
        refused = run_key(server, "end", gone)
        assert refused.exit_code == 1
        assert gone in refused.output


def test_without_a_database_it_says_what_to_do(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "database_url", "")
    refused = run_key(server, "list")
    assert refused.exit_code == 1
    assert "DATABASE_URL" in refused.output
    assert len(refused.output.splitlines()) == 1


def test_the_key_itself_is_kept_nowhere(server: Server) -> None:
    key = make_key(server)["key"]
    assert len(key.split("_", 2)[2]) >= 22  # 128 bits and more
    rows = execute(server.database_url, "SELECT to_jsonb(k)::text FROM api_keys k UNION ALL SELECT to_jsonb(a)::text FROM audit a")
    assert rows
    assert not [row for (row,) in rows if key in row or key.encode().hex() in row]


def test_the_list_tells_when_a_key_was_last_used_and_whether_it_has_ended(server: Server) -> None:
    used, ended = Operator(server), make_key(server, scope="rooms")
    used.call("GET", "/")
    run_key(server, "end", str(ended["id"]))

    keys = {key["id"]: key for key in json.loads(run_key(server, "list", "--json").output)}

    assert keys[used.key["id"]]["used_at"] is not None
    assert keys[used.key["id"]]["ended_at"] is None
    assert keys[ended["id"]]["used_at"] is None
    assert keys[ended["id"]]["ended_at"] is not None
    assert f"{ended['id']}  " in run_key(server, "list").output


def test_the_use_of_a_key_is_written_once_a_minute(server: Server) -> None:
    olga = Operator(server)
    used = "SELECT used_at FROM api_keys WHERE id = :id"
    olga.call("GET", "/")
    first = execute(server.database_url, used, olga.key)
    olga.call("GET", "/")
    assert execute(server.database_url, used, olga.key) == first
    execute(server.database_url, "UPDATE api_keys SET used_at = used_at - interval '1 minute' WHERE id = :id", olga.key)
    olga.call("GET", "/")
    assert execute(server.database_url, used, olga.key) > first


def test_making_and_ending_a_key_is_in_the_audit_log(server: Server) -> None:
    olga, key = Operator(server), make_key(server, "a program", "rooms")
    run_key(server, "end", str(key["id"]))
    of_key = [entry for entry in olga.call("GET", "/audit") if entry["subject"] == f"key {key['id']} (a program)"]
    assert [entry["act"] for entry in of_key] == ["key ended", "key added"]
    assert all(entry["actor"].startswith("command line: ") for entry in of_key)


def test_another_secret_key_opens_nothing(server: Server) -> None:
    """A row written into the database without the secret makes no valid key."""
    key = make_key(server)
    execute(
        server.database_url, "UPDATE api_keys SET key_hash = sha256(:text) WHERE id = :id", {"text": key["key"].encode(), "id": key["id"]}
    )
    assert http_client.get(f"{server.admin_url}{BASE}/", headers={"X-API-Key": key["key"]}).status_code == 401
