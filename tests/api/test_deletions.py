"""Deleting a message: its text, its file and its edits are stored nowhere any more. Its id stays."""

from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from chat.config import Settings
from chat.embedded import Valkey
from chat.services import files
from chat.services.files import StoreFailed, open_store
from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.environment import product_settings
from tests.harness.find_text import in_database, in_files, in_redis, in_tails
from tests.harness.message_changes import applied, delete, done, edited, react, shown
from tests.harness.people import Person, unique
from tests.harness.responses import problem
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored
from tests.harness.uploads import get, names_on_disk, picture, uploaded
from tests.harness.workers import on_each_worker, request_each_worker

WSGI = "tests.harness.tail_endpoint_wsgi:app"
LOG = "chat:log"
WITH_TEXT = {"events.text"}


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    """Two workers with an endpoint that shows their tails."""
    return {"wsgi": WSGI}


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


def is_nowhere(server: Server, secret: str) -> None:
    assert in_database(server.database_url, secret) == set()
    eventually(lambda: in_tails(server, secret) == 0)
    eventually(lambda: in_redis(server.redis_url, secret) == set())
    assert in_files(server.files, secret) == set()


# Refused


def test_anothers_message(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    with nothing_stored(server.database_url):
        assert problem(delete(bob, message), 403)["type"].endswith("not-yours")
    assert shown(bob, message)["text"] == "hers"


def test_the_other_of_a_conversation(server: Server, alice: Person, bob: Person) -> None:
    message = alice.write_to(bob.id, "psst")["id"]
    with nothing_stored(server.database_url):
        problem(delete(bob, message), 403)


def test_a_message_that_one_may_not_know_of(server: Server, alice: Person, bob: Person) -> None:
    message = alice.post(alice.create_room(kind="closed")["id"], "secret")["id"]
    with nothing_stored(server.database_url):
        problem(delete(bob, message), 404)


def test_ones_own_message_after_leaving_or_being_banned(server: Server, alice: Person, bob: Person, room: int) -> None:
    made = alice.create_room(kind="closed")
    join(bob, made["id"], invite_key=made["invite_key"])
    left, banned = bob.post(made["id"], "his")["id"], bob.post(room, "his")["id"]
    assert bob.http.delete(f"/room/{made['id']}/members/me").status_code == 204
    assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
    with nothing_stored(server.database_url):
        problem(delete(bob, left), 404)
        problem(delete(bob, banned), 404)


def test_a_message_of_a_room_that_has_ended(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    execute(server.database_url, "UPDATE rooms SET ended_at = now(), purged_at = now() WHERE id = :room", {"room": room})
    problem(delete(alice, message), 410)


def test_a_message_that_was_deleted_already(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    done(delete(alice, message))
    with nothing_stored(server.database_url):
        problem(delete(alice, message), 404)
        problem(react(alice, message), 404)


def test_one_who_is_not_signed_in(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    with alice.sign_in_again() as elsewhere:
        elsewhere.sign_out()
        with nothing_stored(server.database_url):
            for answer in request_each_worker(server, elsewhere, "DELETE", f"/message/{message}"):
                problem(answer, 401)


# Granted


def test_a_deleted_message_keeps_its_place_and_nothing_else(alice: Person, bob: Person, room: int) -> None:
    posted = alice.post(room, "forget it")
    done(react(bob, posted["id"]))
    alice.post(room, "next")
    done(delete(alice, posted["id"]))
    message = shown(bob, posted["id"])
    assert message == {**posted, "text": "", "reply_to": None, "edited_at": None, "reactions": [], "deleted_at": message["deleted_at"]}
    assert message["deleted_at"] >= posted["created_at"]
    assert bob.http.get(f"/room/{room}/messages").json()["messages"][0] == message
    assert bob.history(room) == ["", "next"]


def test_the_owner_of_a_room_deletes_what_others_say_there(alice: Person, bob: Person, room: int) -> None:
    message = bob.post(room, "rude")["id"]
    with bob.stream_room(room) as stream:
        done(delete(alice, message))
        told = stream.until(lambda frame: frame.event == "deleted")[-1].json()
    assert (told["user"]["id"], shown(bob, message)["text"]) == (alice.id, "")


def test_everybody_there_is_told_on_both_transports(alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "forget it")["id"]
    with bob.stream_room(room) as stream:
        done(delete(alice, message))
        frame = stream.until(lambda frame: frame.event == "deleted")[-1]
    (polled,) = [event for event in bob.poll(f"/room/{room}/subscribe", after=message)["events"] if event["kind"] == "deleted"]
    assert frame.json() == polled
    assert polled == {
        "id": frame.id,
        "kind": "deleted",
        "room": {"id": room, "name": polled["room"]["name"], "kind": "open"},
        "message": {"id": message},
        "user": {"id": alice.id, "name": alice.name},
        "created_at": shown(bob, message)["deleted_at"],
    }


def test_nobody_else_is_told(server: Server, alice: Person, bob: Person, room: int) -> None:
    with Person.signed_in(server, "carol") as carol, carol.stream("/subscribe", room=room) as stream:
        direct, closed = alice.write_to(bob.id, "psst")["id"], alice.post(alice.create_room(kind="closed")["id"], "mine")["id"]
        for message in (direct, closed):
            done(delete(alice, message))
        alice.post(room, "to all")
        assert [frame.event for frame in stream.until(lambda frame: "to all" in str(frame)) if frame.event == "deleted"] == []


def test_a_room_counts_the_bytes_that_are_left(alice: Person, room: int) -> None:
    for message in (alice.post(room, "hello"), uploaded(alice, f"/room/{room}", b"x" * 1000, text="look")):
        done(delete(alice, message["id"]))
    assert alice.http.get(f"/room/{room}").json()["bytes"] == 0


def test_a_post_that_is_sent_again_after_its_deletion_posts_nothing(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "once", key="k")["id"]
    done(delete(alice, message))
    with nothing_stored(server.database_url):
        assert alice.post(room, "once", key="k")["id"] == message


# Where what it said is looked for


def test_what_a_deleted_message_said_is_found_nowhere(server: Server, alice: Person, bob: Person, room: int) -> None:
    """Its first text, its edits, its quotes, its file and the file's name."""
    secret, later, named = unique("first-secret"), unique("later-secret"), unique("named-secret")
    message = alice.post(room, secret)["id"]
    edited(alice, message, later)
    edited(alice, message, f"{later} {secret}")
    answer = bob.http.post(f"/room/{room}/messages", json={"text": "yes", "reply_to": message}).json()
    assert secret in answer["reply_to"]["text"]
    file = uploaded(alice, f"/room/{room}", f"all about {named}".encode(), f"{named}.txt", text=named)
    assert in_redis(server.redis_url, later) == in_redis(server.redis_url, named) == {LOG} and in_files(server.files, named)
    for text in (secret, later, named):
        eventually(lambda: in_tails(server, text) == server.workers)  # noqa: B023 - asked at once
        assert in_database(server.database_url, text) >= WITH_TEXT
    done(delete(alice, message))
    done(delete(alice, file["id"]))
    for text in (secret, later, named):
        is_nowhere(server, text)
    assert shown(bob, answer["id"])["reply_to"] == {"id": message, "sender": {"id": alice.id, "name": alice.name}, "text": ""}
    problem(get(alice, file["file"]["url"]), 404)


def test_the_other_messages_are_left_alone(server: Server, alice: Person, room: int) -> None:
    kept, secret = unique("kept"), unique("secret")
    ids = [alice.post(room, text)["id"] for text in (kept, secret, kept)]
    done(delete(alice, ids[1]))
    is_nowhere(server, secret)
    assert alice.history(room) == [kept, "", kept]
    assert in_redis(server.redis_url, kept) == {LOG} and in_tails(server, kept) == server.workers


def test_a_worker_that_starts_later_tells_of_the_message_as_the_others_do(mended_server: Server, dora: Person) -> None:
    """The log has lost the entries, so a new worker fills its tail from the database."""
    room, secret = dora.create_room()["id"], unique("secret")
    message = dora.post(room, secret)["id"]
    edited(dora, message, f"{secret} again")
    done(delete(dora, message))
    last = dora.post(room, "last")["id"]
    is_nowhere(mended_server, secret)
    assert str(message).encode() not in _ids_of_the_log(mended_server)
    before = _owed(mended_server, dora, room, message)
    mended_server.reload()
    after = _owed(mended_server, dora, room, message)
    assert [applied(events) for events in before] == [applied(events) for events in after]
    for told in before + after:
        assert [event["kind"] for event in told] == ["message", "edited", "deleted", "message"] and told[-1]["id"] == last
        assert [told[0]["text"], told[1]["message"]["text"]] == ["", ""]
        assert told[0]["deleted_at"] == told[2]["created_at"]
    is_nowhere(mended_server, secret)


def _ids_of_the_log(server: Server) -> set[bytes]:
    with Redis.from_url(server.redis_url) as redis:
        return {entry_id.partition(b"-")[0] for entry_id, _ in redis.xrange(LOG)}


def _owed(server: Server, person: Person, room: int, message: int) -> list[list[dict[str, Any]]]:
    return [
        one.json()["events"] for one in request_each_worker(server, person, "GET", f"/room/{room}/subscribe?after={message - 1}&wait=0")
    ]


def test_a_killed_worker_leaves_nothing_in_the_log(mended_server: Server, dora: Person) -> None:
    """It committed the deletion and died before publishing it."""
    room, secret = dora.create_room()["id"], unique("secret")
    message = dora.post(room, secret)["id"]
    assert in_redis(mended_server.redis_url, secret) == {LOG}
    execute(mended_server.database_url, DELETED, {"message": message, "user": dora.id})
    is_nowhere(mended_server, secret)


DELETED = """
    WITH taken AS (UPDATE log SET head = head + 1 RETURNING head),
        emptied AS (UPDATE events SET text = '', deleted_at = now() WHERE id = :message RETURNING room_id)
    INSERT INTO events (id, kind, room_id, sender_id, target_id)
    SELECT head, 'deleted', room_id, :user, :message FROM taken, emptied
"""


def test_while_redis_is_away_its_text_is_not_forgotten_to_be_erased(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room, secret = dora.create_room()["id"], unique("secret")
    message = dora.post(room, secret)["id"]
    mended_valkey.stop()
    done(delete(dora, message))
    assert in_database(mended_server.database_url, secret) == set()
    eventually(lambda: in_tails(mended_server, secret) == 0)
    mended_valkey.start()
    eventually(lambda: in_redis(mended_server.redis_url, secret) == set())
    dora.post(room, "said since")
    eventually(lambda: in_redis(mended_server.redis_url, "said since") == {LOG})


def test_a_log_that_comes_back_as_it_was_before_is_erased_again(mended_server: Server, dora: Person) -> None:
    """Redis fails over to a replica that had fallen behind."""
    room, secret = dora.create_room()["id"], unique("secret")
    message = dora.post(room, secret)["id"]
    with Redis.from_url(mended_server.redis_url) as redis:
        before = redis.dump(LOG)
        done(delete(dora, message))
        is_nowhere(mended_server, secret)
        eventually(lambda: _erasing(mended_server) == ["0", "0"])
        redis.restore(LOG, 0, before, replace=True)
        assert in_redis(mended_server.redis_url, secret) == {LOG}
        redis.client_kill_filter(_type="normal", skipme=True)
    is_nowhere(mended_server, secret)


def _erasing(server: Server) -> list[str]:
    """The number of pending redactions of each worker."""
    return [shown.headers["Erasing"] for shown in on_each_worker(server, lambda: http_client.get(f"{server.url}/harness/tail"))]


# Files


def test_a_file_and_its_preview_are_gone_from_the_disk(server: Server, alice: Person, room: int) -> None:
    before = names_on_disk(server)
    file = uploaded(alice, f"/room/{room}", picture(900, 700), "a.png")
    assert len(names_on_disk(server) - before) == 2
    done(delete(alice, file["id"]))
    eventually(lambda: names_on_disk(server) == before)
    assert execute(server.database_url, "SELECT FROM files WHERE id = :id", {"id": file["file"]["id"]}) == []
    for url in (file["file"]["url"], file["file"]["preview_url"]):
        problem(get(alice, url), 404)
    assert "file" not in shown(alice, file["id"]) and shown(alice, file["id"])["kind"] == "file"


def test_bytes_that_cannot_be_deleted_now_are_deleted_by_the_sweep(mended_server: Server, dora: Person, tmp_path: Path) -> None:
    room = dora.create_room()["id"]
    file = uploaded(dora, f"/room/{room}", b"stubborn bytes")
    (key,) = names_on_disk(mended_server)
    (folder,) = [path.parent for path in mended_server.files.rglob(key)]
    hidden = tmp_path / "hidden"
    folder.rename(hidden)
    folder.write_text("in the way")
    done(delete(dora, file["id"]))
    problem(get(dora, file["file"]["url"]), 404)
    engine, store = _engine(mended_server), open_store(str(mended_server.files))
    with pytest.raises(StoreFailed):
        files.sweep(engine, store)
    folder.unlink()
    hidden.rename(folder)
    assert names_on_disk(mended_server) == {key}
    assert files.sweep(engine, store) == 1
    assert names_on_disk(mended_server) == set() and execute(mended_server.database_url, "SELECT FROM files") == []
    assert files.sweep(engine, store) == 0


def _engine(server: Server) -> Any:
    return create_engine(Settings.from_environ(product_settings(server.database_url, "unix:///unused")).database_url, poolclass=NullPool)
