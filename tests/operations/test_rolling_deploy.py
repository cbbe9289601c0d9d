"""A rolling deploy: workers of the last version and of this one, side by side on the new schema."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chat.embedded import Valkey
from tests.harness.deadline import eventually
from tests.harness.listeners import Listener
from tests.harness.message_changes import edit, react
from tests.harness.people import Person
from tests.harness.posters import Poster, all_ids, posted
from tests.harness.schemas import load_version_1, migrated
from tests.harness.server import ROOT, Server
from tests.harness.tables import log_head

VERSION_1 = "d0c5c90ecb8671f43c52000544596e23480130e6"
POSTS = 30  # of each phase
HEARD_SECONDS = 30.0


@pytest.fixture(scope="module")
def last_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of version 1, from the history of this repository."""
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", VERSION_1], capture_output=True, check=False)
    if archive.returncode != 0:
        pytest.skip("this clone has no history: git fetch --unshallow")
    folder = tmp_path_factory.mktemp("last_version")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
def old_server(empty: str, valkey: Valkey, last_version: Path) -> Iterator[Server]:
    """Workers of version 1 on a database that they made and filled."""
    load_version_1(empty)
    with Server(empty, valkey.url, root=last_version) as running:
        yield running


def listener(stack: ExitStack, person: Person, room: int, cursor: int) -> Listener:
    """From this cursor on."""
    opened = Listener(person, f"/api/v1/room/{room}/subscribe")
    opened.cursor = cursor
    return stack.enter_context(opened)


def test_old_and_new_workers_serve_the_new_schema_side_by_side(old_server: Server, valkey: Valkey) -> None:
    """The release step runs while the old ones are posted to; then posts, streams and polls of both meet, until the old ones are gone."""
    with ExitStack() as stack:
        bob = stack.enter_context(Person.sign_in(old_server.url, "bob"))
        room = bob.create_room()["id"]
        since = log_head(old_server.database_url)
        listeners = [listener(stack, bob, room, since)]
        posters = [stack.enter_context(Poster(bob, room)) for _ in range(2)]
        posted(posters, POSTS)
        migrated(old_server.database_url)
        posted(posters, len(all_ids(posters)) + POSTS)

        new_server = stack.enter_context(Server(old_server.database_url, valkey.url))
        alice = stack.enter_context(Person.sign_in(new_server.url, "alice"))
        assert alice.http.post(f"/api/v1/room/{room}/members", json={}).is_success
        posters += [stack.enter_context(Poster(alice, room)) for _ in range(2)]
        listeners += [listener(stack, alice, room, since), listener(stack, bob, room, since)]
        posted(posters, len(all_ids(posters)) + POSTS)
        changes_cross(alice, bob, room, old_server.database_url)
        changes_cross(bob, alice, room, old_server.database_url)
        for poster in posters:
            poster.stop()

        ids = all_ids(posters)
        assert [reason for poster in posters for reason in poster.unanswered] == []
        assert all(poster.posted for poster in posters)
        eventually(lambda: all(each.reached(log_head(old_server.database_url)) for each in listeners), HEARD_SECONDS)
        for each in listeners:
            assert [event["id"] for event in each.events if event.get("text") == "hello"] == ids
        assert polled(alice, room, since) == polled(bob, room, since) == [event["id"] for event in listeners[0].events]


def changes_cross(writer: Person, reader: Person, room: int, database_url: str) -> None:
    """An edit, a reaction and a direct message by one version are heard at the other."""
    message = writer.post(room, "to be edited")["id"]
    with reader.stream("/api/v1/subscribe", log_head(database_url)) as stream:
        assert edit(writer, message, "edited").is_success
        assert react(writer, message, "👍").is_success
        direct = writer.write_to(reader.name, "between versions")["id"]
        frames = stream.until(lambda frame: frame.id == direct, HEARD_SECONDS)
        assert {"edited", "reacted"} <= {frame.event for frame in frames}


def polled(person: Person, room: int, cursor: int) -> list[int]:
    """The ids of all events of the room above the cursor, by long polls."""
    ids: list[int] = []
    while events := (answer := person.poll(f"/api/v1/room/{room}/subscribe", cursor, 0))["events"]:
        ids += [event["id"] for event in events]
        cursor = answer["cursor"]
    return ids
