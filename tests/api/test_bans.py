"""Only the owner removes and bans members. From then on no byte of the room reaches them."""

import pytest

from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.responses import addresses_of_room, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored


def joined(person: Person, room: dict[str, object]) -> None:
    answer = person.http.post(f"/room/{room['id']}/members", json={"invite_key": room.get("invite_key", "")})
    assert answer.status_code == 204, answer.text


# Refused


@pytest.mark.parametrize(("method", "path"), [("DELETE", "members/{}"), ("PUT", "bans/{}"), ("DELETE", "bans/{}")])
def test_only_the_owner_removes_and_bans(server: Server, alice: Person, bob: Person, method: str, path: str) -> None:
    room, closed = alice.create_room()["id"], alice.create_room(kind="closed")["id"]
    with nothing_stored(server.database_url):
        problem(bob.http.request(method, f"/room/{room}/{path.format(alice.id)}"), 403)
        problem(bob.http.request(method, f"/room/{closed}/{path.format(alice.id)}"), 404)
        problem(alice.http.request(method, f"/room/{room}/{path.format('nobody-at-all')}"), 404)
        problem(alice.http.request(method, f"/room/999999999999/{path.format(bob.id)}"), 404)


def test_only_the_owner_sees_who_is_banned(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    problem(bob.http.get(f"/room/{room}/bans"), 403)
    assert alice.http.get(f"/room/{room}/bans").json() == []


def test_nobody_removes_one_who_is_not_there(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    with nothing_stored(server.database_url):
        problem(alice.http.delete(f"/room/{room}/members/{bob.id}"), 404)
        problem(alice.http.delete(f"/room/{room}/bans/{bob.id}"), 404)
        problem(alice.http.put(f"/room/{room}/bans/{alice.id}"), 400, "user")


def test_the_members_of_a_closed_room_are_nobody_elses_business(alice: Person, bob: Person) -> None:
    problem(bob.http.get(f"/room/{alice.create_room(kind='closed')['id']}/members"), 404)


# Out


def test_a_removed_member_stops_receiving(alice: Person, bob: Person) -> None:
    room = alice.create_room(kind="closed")
    joined(bob, room)
    with bob.stream_room(room["id"]) as one, bob.stream("/subscribe") as everything:
        alice.post(room["id"], "bob is here")
        assert (one.next_message()["text"], everything.next_message()["text"]) == ("bob is here", "bob is here")
        assert alice.http.delete(f"/room/{room['id']}/members/{bob.id}").status_code == 204
        last = one.until_closed()[-2:]
        assert [frame.event for frame in last] == ["removed", "end"]
        assert last[1].json() == {"reason": "removed"}
        alice.post(room["id"], "bob is gone")
        proof = alice.write_to(bob.id, "sorry")
        assert everything.messages_through(proof["id"]) == ["sorry"]
        assert b"bob is gone" not in one.body + everything.body
    for address in addresses_of_room(room["id"]):
        problem(bob.http.get(address), 404)


def test_a_banned_user_is_out_of_an_open_room(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    with bob.stream_room(room) as one, bob.stream("/subscribe", room=room) as everything:
        alice.post(room, "welcome")
        assert (one.next_message()["text"], everything.next_message()["text"]) == ("welcome", "welcome")
        assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
        assert [frame.json() for frame in one.until_closed() if frame.event == "end"] == [{"reason": "banned"}]
        alice.post(room, "at last")
        proof = alice.write_to(bob.id, "sorry")
        assert everything.messages_through(proof["id"]) == ["sorry"]
        assert b"at last" not in one.body + everything.body
    with nothing_stored(server.database_url):
        for address in addresses_of_room(room):
            problem(bob.http.get(address), 404)
        problem(bob.http.post(f"/room/{room}/messages", json={"text": "let me in"}), 404)
        problem(bob.http.post(f"/room/{room}/members"), 404)
    assert room not in [listed["id"] for listed in bob.http.get("/rooms?limit=500").json()]
    assert [user["id"] for user in alice.http.get(f"/room/{room}/bans").json()] == [bob.id]


def test_banning_twice_is_one_event(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
    with nothing_stored(server.database_url):
        assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204


def test_a_lifted_ban_is_over(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    alice.http.put(f"/room/{room}/bans/{bob.id}")
    assert alice.http.delete(f"/room/{room}/bans/{bob.id}").status_code == 204
    assert bob.post(room, "back again")["text"] == "back again"


# Listed


def test_members_are_listed_with_who_owns_and_who_is_present(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")

    def members() -> list[tuple[str, bool, bool]]:
        return [(m["user"]["name"], m["owner"], m["present"]) for m in alice.http.get(f"/room/{room}/members").json()]

    assert members() == [(alice.name, True, False), (bob.name, False, False)]
    with bob.stream_room(room):
        eventually(lambda: members() == [(alice.name, True, False), (bob.name, False, True)])
    eventually(lambda: members() == [(alice.name, True, False), (bob.name, False, False)])


def test_the_list_of_members_is_walked_by_its_links(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    first = alice.http.get(f"/room/{room}/members?limit=1")
    second = alice.http.get(first.links["next"]["url"])
    assert [page.json()[0]["user"]["id"] for page in (first, second)] == [alice.id, bob.id]
    assert "next" not in second.links


def test_a_conversation_has_two_members(alice: Person, bob: Person) -> None:
    room = alice.write_to(bob.id, "hello")["room"]["id"]
    assert {m["user"]["id"] for m in bob.http.get(f"/room/{room}/members").json()} == {alice.id, bob.id}
    problem(bob.http.delete(f"/room/{room}/members/me"), 404)
    problem(bob.http.post(f"/room/{room}/members"), 404)
    problem(bob.http.delete(f"/room/{room}"), 403)
