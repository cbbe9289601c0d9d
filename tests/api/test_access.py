"""Access: a user gets a 404 for what they may not read, live, on resume, in history and by id."""

import pytest

from tests.harness.people import Person, unique
from tests.harness.responses import BASES, addresses_of_room, at_both_bases, content_but_id, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

SIGNED_IN_ONLY = [
    ("GET", "/session"),
    ("DELETE", "/session"),
    ("GET", "/sessions"),
    ("DELETE", "/session/{session}"),
    ("GET", "/users"),
    ("GET", "/user/{user}"),
    ("GET", "/rooms"),
    ("POST", "/rooms"),
    ("GET", "/room/{room}"),
    ("PATCH", "/room/{room}"),
    ("DELETE", "/room/{room}"),
    ("POST", "/room/{room}/invite"),
    ("GET", "/connect/{room}"),
    ("POST", "/room/{room}/members"),
    ("GET", "/room/{room}/members"),
    ("DELETE", "/room/{room}/members/me"),
    ("DELETE", "/room/{room}/members/{user}"),
    ("GET", "/room/{room}/bans"),
    ("PUT", "/room/{room}/bans/{user}"),
    ("DELETE", "/room/{room}/bans/{user}"),
    ("POST", "/room/{room}/messages"),
    ("GET", "/room/{room}/messages"),
    ("POST", "/user/{user}/messages"),
    ("GET", "/user/{user}/messages"),
    ("GET", "/messages"),
    ("GET", "/conversations"),
    ("PUT", "/room/{room}/read"),
    ("POST", "/room/{room}/typing"),
    ("GET", "/message/{message}"),
    ("PATCH", "/message/{message}"),
    ("DELETE", "/message/{message}"),
    ("PUT", "/message/{message}/reactions/{emoji}"),
    ("DELETE", "/message/{message}/reactions/{emoji}"),
    ("GET", "/room/{room}/subscribe"),
    ("GET", "/messages/subscribe"),
    ("GET", "/subscribe"),
]
PUBLIC = {("POST", "/users"), ("POST", "/session")}
# Refused in files/test_refused_uploads.py, files/test_upload.py, admin/test_authentication.py and the tests named as the calls.
ELSEWHERE = {
    ("POST", "/room/{room}/files"),
    ("POST", "/user/{user}/files"),
    ("GET", "/file/{file}/{name}"),
    ("GET", "/file/{file}/preview"),
    ("POST", "/room/{room}"),
    ("PATCH", "/user/me"),
    ("PUT", "/user/me/avatar"),
    ("DELETE", "/user/me/avatar"),
    ("GET", "/user/{user}/avatar"),
    ("PUT", "/password"),
    ("GET", "/search"),
}
BODIES = {
    ("POST", "/rooms"): "name",
    ("PATCH", "/room/{room}"): "topic",
    ("POST", "/room/{room}/messages"): "text",
    ("POST", "/user/{user}/messages"): "text",
    ("PATCH", "/message/{message}"): "text",
}


# Nobody who is not signed in


def test_the_list_of_calls_is_the_whole_of_the_published_ones(alice: Person) -> None:
    paths = alice.http.get("/api/v1/openapi.json").json()["paths"]
    published = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert published == {*SIGNED_IN_ONLY, *PUBLIC, *ELSEWHERE}


@pytest.mark.parametrize(("method", "path"), SIGNED_IN_ONLY)
@at_both_bases
def test_without_a_session_there_is_nothing(server: Server, alice: Person, bob: Person, base: str, method: str, path: str) -> None:
    made = alice.create_room(kind="closed")
    room = made["id"]
    bob.http.post(f"/room/{room}/members", json={"invite_key": made["invite_key"]})
    if path.endswith("/bans/{user}"):
        alice.http.put(f"/room/{room}/bans/{bob.id}")
    message = alice.post(room, "hi")["id"]
    session = alice.http.get("/session").json()["session"]["id"]
    address = base + path.format(room=room, message=message, user=bob.id, session=session, emoji="👍")
    body = {BODIES[method, path]: unique("word")} if (method, path) in BODIES else {"id": message} if path.endswith("/read") else None
    del alice.http.headers["Authorization"]
    with nothing_stored(server.database_url):
        for token in (None, "wrong", alice.token[:-1], alice.token + "A"):
            answer = alice.http.request(method, address, headers={"Authorization": f"Bearer {token}"} if token else {}, json=body)
            problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = alice.http.request(method, address, headers={"Authorization": f"Bearer {alice.token}"}, params={"wait": 0}, json=body)
    assert answer.status_code < 300


# Another's conversation


def test_a_conversation_does_not_exist_for_a_third(server: Server, alice: Person, bob: Person, carol: Person) -> None:
    message = alice.write_to(bob.id, "between us")
    room = message["room"]["id"]
    with nothing_stored(server.database_url):
        for address in (*addresses_of_room(room), *(f"{base}/message/{message['id']}" for base in BASES)):
            problem(carol.http.get(address), 404)
        for base in BASES:
            problem(carol.http.post(f"{base}/room/{room}/messages", json={"text": "me too"}), 404)
            problem(carol.http.post(f"{base}/room/{room}/members"), 404)
            problem(carol.http.get(f"{base}/subscribe?room={room}&after=0&wait=0"), 404)


def test_what_one_may_not_see_looks_like_what_is_not_there(alice: Person, bob: Person, carol: Person) -> None:
    message = alice.write_to(bob.id, "between us")
    hidden, missing = carol.http.get(f"/room/{message['room']['id']}"), carol.http.get("/room/999999999999")
    assert (content_but_id(hidden), hidden.headers.keys()) == (content_but_id(missing), missing.headers.keys())
    hidden, missing = carol.http.get(f"/message/{message['id']}"), carol.http.get("/message/999999999999")
    assert (content_but_id(hidden), hidden.headers.keys()) == (content_but_id(missing), missing.headers.keys())


def test_a_third_hears_nothing_of_a_conversation_live(alice: Person, bob: Person, carol: Person) -> None:
    paths = ("/subscribe", "/messages/subscribe", f"/subscribe?room={carol.create_room()['id']}")
    streams = [carol.stream(path) for path in paths]
    last = alice.write_to(bob.id, "between us")
    bob.write_to(alice.id, "yes?")
    proof = alice.write_to(carol.id, "you too")
    assert proof["id"] > last["id"]
    for stream in streams[:2]:
        assert stream.messages_through(proof["id"]) == ["you too"]
    for stream in streams:
        with stream:
            stream.until(lambda frame: frame.event == "heartbeat" and (frame.id or 0) >= proof["id"])
            assert b"between us" not in stream.body and b"yes?" not in stream.body


def test_a_third_hears_nothing_of_a_conversation_on_resume(alice: Person, bob: Person, carol: Person) -> None:
    alice.write_to(bob.id, "between us")
    proof = alice.write_to(carol.id, "you too")
    for path in ("/api/v1/subscribe", "/messages/subscribe"):
        assert [event["text"] for event in carol.poll(path, after=0, wait=0)["events"]] == ["you too"]
        with carol.stream(path, last_event_id=0) as stream:
            assert stream.messages_through(proof["id"]) == ["you too"]
            assert b"between us" not in stream.body


@at_both_bases
def test_a_third_finds_nothing_of_a_conversation_in_history(alice: Person, bob: Person, carol: Person, base: str) -> None:
    alice.write_to(bob.id, "between us")
    for path in ("messages", f"user/{bob.id}/messages", f"user/{alice.id}/messages"):
        assert carol.http.get(f"{base}/{path}").json()["messages"] == []
