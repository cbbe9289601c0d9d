"""A closed room exists for its members alone."""

from tests.harness.people import Person
from tests.harness.responses import addresses_of_room, problem
from tests.harness.server import Server
from tests.harness.tables import close_room, execute, nothing_stored


def test_a_closed_room_does_not_exist_for_whoever_is_not_in_it(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()
    message = alice.post(room["id"], "closed now")["id"]
    close_room(server.database_url, room["id"])
    others = (f"/message/{message}", f"/room/{room['name']}", f"/subscribe?room={room['id']}&wait=0")
    for address in (*addresses_of_room(room["id"]), *others):
        problem(bob.http.get(address), 404)
    with nothing_stored(server.database_url):
        problem(bob.http.post(f"/room/{room['id']}/messages", json={"text": "let me in"}), 404)
        problem(bob.http.post(f"/room/{room['name']}/messages", json={"text": "let me in"}), 404)
        problem(bob.http.post(f"/room/{room['id']}/members"), 404)
    assert room["id"] not in [listed["id"] for listed in bob.http.get("/rooms", params={"name": room["name"]}).json()]


def test_a_room_that_is_closed_is_silent_for_whoever_is_not_in_it(server: Server, alice: Person, bob: Person) -> None:
    """The heartbeat checks again: at worst one passes."""
    room = alice.create_room()["id"]
    streams = [bob.stream_room(room), bob.stream("/subscribe", room=room)]
    close_room(server.database_url, room)
    for stream in streams:
        assert [frame.json()["reason"] for frame in stream.until_closed() if frame.event == "end"] == ["left"]
    alice.post(room, "among ourselves")
    for stream in streams:
        with stream:
            assert b"among ourselves" not in stream.body


def test_a_stream_of_everything_comes_back_without_a_room_that_one_has_left(server: Server, alice: Person, bob: Person) -> None:
    """The heartbeat may read it in the database before the log reaches this worker."""
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    close_room(server.database_url, room)
    with bob.stream("/subscribe") as stream:
        stream.until(lambda frame: frame.id is not None)
        execute(server.database_url, "DELETE FROM memberships WHERE room_id = :room AND user_id = :bob", {"room": room, "bob": bob.id})
        frames = stream.until_closed()
    assert [frame.event for frame in frames if frame.event in ("bye", "end")] == ["bye"]
    with bob.stream("/subscribe") as again:
        alice.post(room, "among ourselves")
        proof = alice.write_to(bob.id, "hello")
        assert again.messages_through(proof["id"]) == ["hello"]


def test_who_leaves_a_closed_room_hears_no_more_of_it(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    close_room(server.database_url, room)
    with bob.stream_room(room) as one, bob.stream("/subscribe") as everything:
        alice.post(room, "bob is here")
        assert (one.next_message()["text"], everything.next_message()["text"]) == ("bob is here", "bob is here")
        assert bob.http.delete(f"/room/{room}/members/me").status_code == 204
        alice.post(room, "bob is gone")
        proof = alice.write_to(bob.id, "sorry")
        assert everything.messages_through(proof["id"]) == ["sorry"]
        one.until_closed()
        assert b"bob is gone" not in one.body + everything.body
    problem(bob.http.get(f"/room/{room}/messages"), 404)


def test_members_of_a_closed_room_read_and_write(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    close_room(server.database_url, room)
    message = bob.post(room, "among ourselves")
    assert alice.history(room) == ["among ourselves"]
    assert alice.http.get(f"/message/{message['id']}").json().items() >= message.items()
    assert alice.poll(f"/room/{room}/subscribe", after=message["id"] - 1)["events"] == [message]
