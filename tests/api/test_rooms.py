"""Rooms: creating, listing, reading, joining and leaving."""

from urllib.parse import quote

import pytest

from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person, unique
from tests.harness.responses import at_both_bases, is_utc, next_page, problem
from tests.harness.server import Server
from tests.harness.tables import counts, nothing_stored
from tests.harness.workers import on_each_worker

# Refused


@at_both_bases
def test_a_room_name_is_given_once(server: Server, alice: Person, bob: Person, base: str) -> None:
    name = alice.create_room()["name"]
    with nothing_stored(server.database_url):
        for same in (name, name.upper(), f" {name} "):
            problem(bob.http.post(f"{base}/rooms", json={"name": same}), 409, "name")


@pytest.mark.parametrize("room", ["0", "999999999999", "9" * 30, "no such room", "-1", "\u0663"])
@pytest.mark.parametrize(
    ("method", "rest"), [("GET", ""), ("POST", "/members"), ("DELETE", "/members/me"), ("GET", "/messages"), ("GET", "/subscribe")]
)
def test_a_room_that_is_not_there_is_not_found(alice: Person, room: str, method: str, rest: str) -> None:
    for base in ("/api/v1", ""):
        problem(alice.http.request(method, f"{base}/room/{room}{rest}"), 404)


def test_nobody_leaves_a_room_that_they_are_not_in(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    with nothing_stored(server.database_url):
        problem(bob.http.delete(f"/room/{room}/members/me"), 404)


# Granted


def test_where_there_is_no_room_the_list_is_empty(ada: Person) -> None:
    for base in ("/api/v1", ""):
        answer = ada.http.get(f"{base}/rooms")
        assert (answer.status_code, answer.json()) == (200, [])


@at_both_bases
def test_a_made_room_is_answered_with_its_address(server: Server, alice: Person, base: str) -> None:
    name = unique("the böard room")
    answer = alice.http.post(f"{base}/rooms", json={"name": name})
    assert answer.status_code == 201
    room = answer.json()
    assert answer.headers["Location"] == f"{server.url}{base}/room/{room['id']}"
    assert (room["name"], room["kind"], room["owner"]) == (name, "open", {"id": alice.id, "name": alice.name})
    assert alice.http.get(answer.headers["Location"]).json()["id"] == room["id"]


@at_both_bases
def test_a_room_is_looked_at_by_id_and_by_name(alice: Person, bob: Person, base: str) -> None:
    room = alice.create_room()
    for reference in (room["id"], room["name"], room["name"].upper()):
        answer = bob.http.get(f"{base}/room/{reference}")
        assert (answer.status_code, answer.json()["id"]) == (200, room["id"])


def test_a_room_says_all_that_the_contract_lists(alice: Person) -> None:
    room = alice.create_room()
    looked_at = alice.http.get(f"/room/{room['id']}").json()
    listed = "id name kind topic owner members max_members connections messages bytes created_at age expires expires_at subscribe_url"
    own = "joined read unread mentions newest"
    assert looked_at.keys() == {*listed.split(), *own.split()} == room.keys()
    assert is_utc(looked_at["created_at"])
    assert looked_at["age"] >= room["age"] >= 0
    assert looked_at["expires_at"] is None
    assert (looked_at["members"], looked_at["connections"], looked_at["messages"], looked_at["bytes"]) == (1, 0, 0, 0)


def test_a_room_counts_its_messages_and_their_bytes(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    alice.post(room, "hi")
    bob.post(room, "zoë \U0001f511")
    looked_at = alice.http.get(f"/room/{room}").json()
    assert (looked_at["messages"], looked_at["bytes"]) == (2, 2 + 9)


def test_a_room_counts_its_connections_over_all_workers(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]

    def connections() -> set[int]:
        return set(on_each_worker(server, lambda: http_client.get(f"{server.url}/room/{room}", headers=headers).json()["connections"]))

    headers = {"Authorization": f"Bearer {alice.token}"}
    streams = on_each_worker(server, lambda: bob.stream_room(room))
    eventually(lambda: connections() == {len(streams)})
    for stream in streams:
        stream.close()
    eventually(lambda: connections() == {0})


@at_both_bases
def test_rooms_are_listed_by_part_of_their_name(alice: Person, bob: Person, base: str) -> None:
    mine, other = alice.create_room("kitchen"), alice.create_room("garden")
    found = bob.http.get(f"{base}/rooms", params={"name": mine["name"].upper()}).json()
    assert [room["id"] for room in found] == [mine["id"]]
    assert found[0].keys() == mine.keys()
    assert bob.http.get(f"{base}/rooms", params={"name": "%"}).json() == []
    everything = bob.http.get(f"{base}/rooms", params={"limit": 500, "after": mine["id"] - 1}).json()
    assert {mine["id"], other["id"]} <= {room["id"] for room in everything}


@at_both_bases
def test_the_list_of_rooms_is_walked_by_its_links(alice: Person, base: str) -> None:
    family = unique("hall & stairs")
    made = [alice.http.post("/rooms", json={"name": f"{family} {number}"}).json()["id"] for number in range(5)]
    walked: list[int] = []
    address: str | None = f"{base}/rooms"
    parameters: dict[str, str] | None = {"name": family, "limit": "2"}
    while address is not None:
        answer = alice.http.get(address, params=parameters)
        walked += [room["id"] for room in answer.json()]
        address, parameters = next_page(answer), None
    assert walked == made


def test_a_full_last_page_has_no_next_one(alice: Person) -> None:
    family = unique("pair")
    for number in range(2):
        alice.http.post("/rooms", json={"name": f"{family} {number}"})
    answer = alice.http.get("/rooms", params={"name": family, "limit": 2})
    assert len(answer.json()) == 2 and next_page(answer) is None


def test_a_conversation_is_in_no_list_of_rooms(alice: Person, bob: Person) -> None:
    conversation = alice.write_to(bob.id, "between us")["room"]["id"]
    listed = alice.http.get("/rooms", params={"limit": 500, "after": conversation - 1}).json()
    assert conversation not in [room["id"] for room in listed]


@at_both_bases
def test_joining_and_leaving_count_once(server: Server, alice: Person, bob: Person, base: str) -> None:
    room = alice.create_room()["id"]
    members = [alice.http.get(f"{base}/room/{room}").json()["members"]]
    for method, path in [("POST", "members"), ("POST", "members"), ("DELETE", "members/me")]:
        assert bob.http.request(method, f"{base}/room/{room}/{path}").status_code == 204
        members.append(alice.http.get(f"{base}/room/{room}").json()["members"])
    assert members == [1, 2, 2, 1]


def test_joining_again_is_no_event(server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    before = counts(server.database_url)
    assert alice.http.post(f"/room/{room}/members").status_code == 204
    assert counts(server.database_url) == before


@pytest.mark.parametrize("name", ["r\u00e4ume", "semi;colon", "a?b#c", "100%", "%2e", "dot.", "\U0001f511 keys", "me too", "a+b"])
def test_a_room_is_reached_by_whatever_name_it_was_given(alice: Person, name: str) -> None:
    made = alice.http.post("/rooms", json={"name": unique(name)})
    assert made.status_code == 201
    found = alice.http.get(f"/room/{quote(made.json()['name'])}")
    assert found.json()["id"] == made.json()["id"]
