"""Removing all files of a room: bytes and rows, repeatably, and nothing of another room."""

from pathlib import Path

import pytest

from chat.services import files
from chat.services.files import StoreFailed, open_store
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import engine_of, execute
from tests.harness.uploads import get, names_on_disk, picture, rows, uploaded


def without_events(server: Server, room: int) -> None:
    """As the purge leaves it."""
    execute(server.database_url, "DELETE FROM events WHERE room_id = :room AND file_id IS NOT NULL", {"room": room})


@pytest.fixture
def room(alice: Person) -> int:
    """A room with two files of which one has a preview."""
    made: int = alice.create_room()["id"]
    uploaded(alice, f"/room/{made}", picture(), "a.png")
    uploaded(alice, f"/room/{made}", b"hello")
    return made


def test_a_store_that_fails_leaves_the_rows_to_be_done_again(server: Server, room: int, tmp_path: Path) -> None:
    without_events(server, room)
    before = rows(server)
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(StoreFailed):
        files.remove_room(engine_of(server.database_url), open_store(str(tmp_path / "in-the-way")), room)
    assert rows(server) == before


def test_all_files_of_a_room_are_taken_away_and_no_others(server: Server, alice: Person, room: int) -> None:
    other = uploaded(alice, f"/room/{alice.create_room()['id']}", b"other")["file"]
    mine = execute(server.database_url, "SELECT key, preview_key FROM files WHERE room_id = :room", {"room": room})
    keys = {key for row in mine for key in row if key}
    assert len(keys) == 3 and keys <= names_on_disk(server)
    without_events(server, room)
    for _ in range(2):
        files.remove_room(engine_of(server.database_url), open_store(str(server.files)), room)
        assert not keys & names_on_disk(server)
        assert execute(server.database_url, "SELECT FROM files WHERE room_id = :room", {"room": room}) == []
    assert get(alice, other["url"]).content == b"other"


def test_a_file_whose_bytes_are_gone_is_not_found(server: Server, alice: Person, room: int) -> None:
    url = uploaded(alice, f"/room/{room}", b"soon gone")["file"]["url"]
    key = execute(server.database_url, "SELECT key FROM files ORDER BY id DESC LIMIT 1")[0].key
    open_store(str(server.files)).delete(key)
    assert get(alice, url).status_code == 404
