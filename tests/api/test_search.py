"""Search: in everything that a user may read, and in nothing else."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.harness import http_client, message_changes
from tests.harness.deadline import eventually
from tests.harness.people import Person, unique
from tests.harness.responses import at_both_bases, problem
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.tables import close_room, execute
from tests.harness.uploads import uploaded
from tests.harness.workers import request_each_worker

LONGEST = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def ask(person: Person, q: str, base: str = "/api/v1", **more: Any) -> httpx.Response:
    return person.http.get(f"{base}/search", params={"q": q, **{name: str(value) for name, value in more.items()}})


def results(person: Person, q: str, **more: Any) -> list[dict[str, Any]]:
    answer = ask(person, q, **more)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def found(person: Person, q: str, **more: Any) -> list[int]:
    """The ids, in their order."""
    return [result["message"]["id"] for result in results(person, q, **more)]


def word() -> str:
    """A word that is new in this run."""
    return "".join(random.choices(LETTERS, k=16))


# Refused


@at_both_bases
def test_nobody_who_is_not_signed_in_finds_anything(server: Server, alice: Person, room: int, base: str) -> None:
    alice.post(room, secret := word())
    problem(http_client.get(f"{server.url}{base}/search?q={secret}"), 401)


@pytest.mark.parametrize(
    "q",
    [
        *["", "   ", "\n\t", "a\0b", "\0", "x" * (LONGEST + 1), "a " * 1_000],
        *["&", "|", "!", "-", '"', '""', "(", "& | !", "<->", ":*", "'", "\\", "''", "???", "-- -", "\U0001f41d", "…", "*"],
        *["-without", '-"a phrase"', "-this -that", "this or -that"],
    ],
)
def test_what_names_no_word_is_refused_by_name(alice: Person, q: str) -> None:
    problem(ask(alice, q), 400, "q")


def test_more_than_fits_into_a_request_line_is_refused(alice: Person) -> None:
    problem(ask(alice, "x" * 10_000), 414)


def test_a_search_for_nothing_at_all_is_refused_by_name(alice: Person) -> None:
    problem(alice.http.get("/search"), 400, "q")


def test_nothing_that_is_typed_breaks_it(alice: Person, room: int) -> None:
    """Operators, quotes and backslashes in any order are words or nothing, and never a 500."""
    pieces = [
        *"ab \t'\"\\-!&|:*()<>@#./,;%$?_0“”é中",
        "\u00a0",
        "\ue000",
        "\u200d",
        "\ud7ff",
        " or ",
        ' -"',
        "http://a.b/c",
        "x@y.z",
        "a-b",
        ":*",
        "<->",
    ]
    chosen = random.Random(7)
    for _ in range(300):
        q = "".join(chosen.choices(pieces, k=chosen.randint(1, 12)))
        answer = ask(alice, q)
        assert answer.status_code in (200, 400), (q, answer.text)
        if answer.status_code == 400:
            problem(answer, 400, "q")


@pytest.mark.parametrize(
    ("parameter", "value"), [("limit", "0"), ("limit", "101"), ("limit", "many"), ("before", "-1"), ("before", "x"), ("before", str(2**63))]
)
def test_a_bad_page_is_refused_by_name(alice: Person, parameter: str, value: str) -> None:
    problem(ask(alice, "word", **{parameter: value}), 400, parameter)


@pytest.mark.parametrize("reference", ["0", "9" * 30, "no such room", "%00", ""])
def test_a_room_that_is_not_there_is_not_found(alice: Person, reference: str) -> None:
    problem(ask(alice, "word", room=reference), 404)


# Not found by whom it is not for


def test_a_stranger_does_not_find_what_two_people_write_to_each_other(server: Server, alice: Person, bob: Person) -> None:
    said = alice.write_to(bob.id, secret := word())
    with Person.signed_in(server, "carol") as carol:
        assert found(carol, secret) == found(carol, secret[:5]) == []
        problem(ask(carol, secret, room=said["room"]["id"]), 404)
        problem(ask(carol, secret, before=said["id"]), 400, "before")
    assert found(alice, secret) == found(bob, secret) == [said["id"]]


def test_a_stranger_does_not_find_what_is_said_in_a_closed_room(alice: Person, bob: Person) -> None:
    closed = alice.create_room(kind="closed")
    said = alice.post(closed["id"], secret := word())["id"]
    assert found(bob, secret) == []
    for reference in (closed["id"], closed["name"]):
        problem(ask(bob, secret, room=reference), 404)
    assert found(alice, secret) == [said]


def test_a_former_member_finds_nothing_any_more(server: Server, alice: Person, bob: Person) -> None:
    left, removed = (alice.create_room()["id"] for _ in range(2))
    secret = word()
    for each in (left, removed):
        join(bob, each)
        close_room(server.database_url, each)
        alice.post(each, f"{secret} while bob was here")
    assert len(found(bob, secret)) == 2
    assert bob.http.delete(f"/room/{left}/members/me").status_code == 204
    assert alice.http.delete(f"/room/{removed}/members/{bob.id}").status_code == 204
    assert found(bob, secret) == []
    assert len(found(alice, secret)) == 2


def test_who_was_banned_from_an_open_room_finds_nothing_of_it(server: Server, alice: Person, bob: Person, room: int) -> None:
    said = alice.post(room, secret := word())["id"]
    assert found(bob, secret) == [said]
    assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
    for answer in request_each_worker(server, bob, "GET", f"/search?q={secret}"):
        assert answer.json() == {"results": [], "more": False}
    problem(ask(bob, secret, room=room), 404)
    problem(ask(bob, secret, before=said), 400, "before")


@pytest.mark.parametrize("kind", ["open", "closed"])
def test_of_an_ephemeral_room_one_finds_what_was_said_since_one_joined(alice: Person, bob: Person, kind: str) -> None:
    made = alice.create_room(kind=kind, expires_in=1.0)
    room, secret = made["id"], word()
    alice.post(room, f"{secret} before bob")
    assert found(bob, secret) == []
    assert ask(bob, secret, room=room).status_code == (403 if kind == "open" else 404)
    body = {"invite_key": made["invite_key"]} if kind == "closed" else None
    assert bob.http.post(f"/room/{room}/members", json=body).status_code == 204
    assert found(bob, secret) == found(bob, secret, room=room) == []
    since = alice.post(room, f"{secret} to bob")["id"]
    assert found(bob, secret) == [since] and len(found(alice, secret)) == 2


def test_nobody_finds_what_was_said_in_a_room_that_ended(server: Server, alice: Person, bob: Person, room: int) -> None:
    """Neither before it is purged nor after."""
    alice.post(room, secret := word())
    kept = alice.post(alice.create_room()["id"], f"{secret} elsewhere")["id"]
    assert len(found(bob, secret)) == 2
    assert alice.http.delete(f"/room/{room}").status_code == 204
    for person in (alice, bob):
        assert found(person, secret) == [kept]
        problem(ask(person, secret, room=room), 410)
    eventually(lambda: execute(server.database_url, "SELECT FROM rooms WHERE id = :room AND purged_at IS NOT NULL", {"room": room}))
    assert found(alice, secret) == [kept]


def test_a_rooms_hour_ends_it_also_here_without_anybody_saying_so(server: Server, alice: Person) -> None:
    room = alice.create_room(expires_in=1.0)["id"]
    alice.post(room, secret := word())
    assert len(found(alice, secret)) == 1
    execute(server.database_url, "UPDATE rooms SET expires_at = now() WHERE id = :room", {"room": room})
    assert found(alice, secret) == []


def test_what_is_done_to_a_message_is_no_message(alice: Person, bob: Person, room: int) -> None:
    said = alice.post(room, secret := word())["id"]
    message_changes.done(message_changes.react(bob, said))
    assert alice.http.patch(f"/room/{room}", json={"topic": secret}).status_code == 200
    assert found(alice, secret) == [said]


# After a correction


def test_after_an_edit_it_is_found_by_what_it_says_now(server: Server, alice: Person, bob: Person, room: int) -> None:
    before, after = word(), word()
    said = alice.post(room, f"it said {before}")["id"]
    message_changes.edited(alice, said, f"it says {after}")
    for answer in request_each_worker(server, bob, "GET", f"/search?q={before}"):
        assert answer.json()["results"] == []
    (result,) = results(bob, after)
    assert result["message"]["edited_at"] and result["snippet"] == f"it says {after}"


def test_after_a_deletion_it_is_not_found(server: Server, alice: Person, bob: Person, room: int) -> None:
    secret = word()
    said, file = alice.post(room, secret)["id"], uploaded(alice, f"/room/{room}", b"bytes", "a.bin", text=secret)["id"]
    reply = alice.http.post(f"/room/{room}/messages", json={"text": "to that", "reply_to": said}).json()["id"]
    assert set(found(bob, secret)) == {said, file}
    for each in (said, file):
        message_changes.done(message_changes.delete(alice, each))
    for answer in request_each_worker(server, bob, "GET", f"/search?q={secret}"):
        assert answer.json()["results"] == []
    problem(ask(bob, secret, before=said), 400, "before")
    assert found(alice, "to that", room=room) == [reply]


# Found


def test_a_result_is_the_message_as_it_is_read_by_its_id(alice: Person, bob: Person, room: int) -> None:
    secret = word()
    said = alice.post(room, f"well, {secret}!")["id"]
    message_changes.done(message_changes.react(bob, said))
    assert results(bob, secret) == [
        {"message": bob.http.get(f"/message/{said}").json(), "snippet": f"well, {secret}!", "marks": [[6, 6 + len(secret)]]}
    ]


def test_what_was_just_said_is_found_on_every_worker(server: Server, alice: Person, bob: Person, room: int) -> None:
    said = alice.post(room, secret := word())["id"]
    for answer in request_each_worker(server, bob, "GET", f"/api/v1/search?q={secret}"):
        assert [result["message"]["id"] for result in answer.json()["results"]] == [said]


def test_an_announcement_and_what_is_said_with_a_file_are_found(alice: Person, room: int) -> None:
    file = uploaded(alice, f"/room/{room}", b"bytes", "a.bin", text=f"the plan {(secret := word())}")["id"]
    (result,) = results(alice, secret)
    assert result["message"]["id"] == file and result["message"]["file"]["name"] == "a.bin"


def test_a_room_is_named_by_id_or_by_name(alice: Person, bob: Person) -> None:
    one, other = alice.create_room(), alice.create_room()
    secret = word()
    here = alice.post(one["id"], secret)["id"]
    there = alice.post(other["id"], secret)["id"]
    direct = alice.write_to(bob.id, secret)
    assert found(bob, secret) == [direct["id"], there, here]
    for reference in (one["id"], one["name"]):
        assert found(bob, secret, room=reference) == [here]
    assert found(bob, secret, room=direct["room"]["id"]) == [direct["id"]]


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("Der ÄRGER ist groß", "ärg"),
        ("it's on example.com/path/to?x=1", "example.com/pa"),
        ("it's on example.com", "exam"),
        ("write to x@y.example", "x@y.example"),
        ("a well-known place", "well-kn"),
        ("a well-known place", "known"),
        ("version 1.5.2 is out", "1.5.2"),
        ("don't panic", "don't pan"),
        ("ask @bob about #tags", "@bob #tag"),
        ("snake_case_name", "snake_ca"),
        ("“quoted” words", "quo"),
        ("两个人 说话", "两个"),
        ("один два", "оди"),
        ("foo bar baz", '"bar baz"'),
        ("foo bar baz", "nothing or baz"),
        ("foo bar baz", "foo -qux"),
        ("foo bar baz", "foo bar baz OR ba"),
        ("foo bar baz", "BAZ foo"),
        ("back\\slash it", "back\\sla"),
        ("foo bar", '"foo ba'.replace("ba", "bar")),
    ],
)
def test_words_are_found_as_people_write_them(alice: Person, room: int, text: str, q: str) -> None:
    said = alice.post(room, text)["id"]
    assert found(alice, q, room=room) == [said]


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("foo bar baz", '"foo baz"'),
        ("foo bar", "foo -bar"),
        ("foo bar", "foo qux"),
        ("foobar", "bar"),
        ("foo bar", "fo bar"),
        ("foo", '"fo"'),
    ],
)
def test_what_was_not_meant_is_not_found(alice: Person, room: int, text: str, q: str) -> None:
    """Only the last word may be a prefix, and none in quotes."""
    alice.post(room, text)
    assert found(alice, q, room=room) == []


# Their order, and pages


def test_the_best_come_first_and_the_newer_among_equals(alice: Person, room: int) -> None:
    secret = word()
    once_, more, again = (alice.post(room, text)["id"] for text in (secret, f"{secret} {secret} {secret}", secret))
    assert found(alice, secret) == [more, again, once_]


def test_pages_are_the_whole_whatever_is_said_between_them(alice: Person, bob: Person, room: int) -> None:
    """A new, edited or deleted message among the results moves none of the others."""
    secret = word()
    ids = [alice.post(room, " ".join([secret] * (1 + number % 3)))["id"] for number in range(20)]
    whole = found(alice, secret)
    assert sorted(whole) == ids
    seen: list[int] = []
    while True:
        before: dict[str, Any] = {"before": seen[-1]} if seen else {}
        page = ask(bob, secret, limit=3, **before).json()
        seen += [result["message"]["id"] for result in page["results"]]
        if not page["more"]:
            break
        alice.post(alice.create_room()["id"], " ".join([secret] * 9))
        if len(seen) == 6:
            message_changes.done(message_changes.delete(alice, seen[1]))
            message_changes.edited(alice, seen[2], "something else")
    assert seen == whole


def test_a_page_has_as_many_as_were_asked_for(alice: Person, room: int) -> None:
    secret = word()
    for _ in range(22):
        alice.post(room, secret)
    first = ask(alice, secret).json()
    assert (len(first["results"]), first["more"]) == (20, True)
    rest = ask(alice, secret, before=first["results"][-1]["message"]["id"]).json()
    assert (len(rest["results"]), rest["more"]) == (2, False)
    assert len(found(alice, secret, limit=100)) == 22


def test_one_goes_on_only_after_a_result(alice: Person, room: int) -> None:
    alice.post(room, secret := word())
    other = alice.post(room, word())["id"]
    for before in (other, 0, 2**62):
        problem(ask(alice, secret, before=before), 400, "before")


# Snippets


def marked(result: dict[str, Any]) -> list[str]:
    """The marked parts, counted in code points as Python does."""
    return [result["snippet"][first:last] for first, last in result["marks"]]


def test_a_snippet_shows_the_hit_of_a_long_text(alice: Person, room: int) -> None:
    secret = word()
    text = f"{'before ' * 200}{secret} {'after ' * 200}{secret}"
    alice.post(room, text)
    (result,) = results(alice, secret)
    assert marked(result) == [secret]
    assert 150 <= len(result["snippet"]) <= 202
    assert result["snippet"][0] == result["snippet"][-1] == "…" and result["snippet"][1:-1] in text


@pytest.mark.parametrize("text", ["{} at the start " + "x " * 300, "x " * 300 + "at the end {}", "{}", "{}" + "x" * 1_500])
def test_a_snippet_begins_and_ends_with_the_text(alice: Person, room: int, text: str) -> None:
    secret = word()
    alice.post(room, said := text.format(secret))
    (result,) = results(alice, secret[:10])
    shown = result["snippet"].removeprefix("…").removesuffix("…")
    assert shown in said and len(result["snippet"]) <= 202
    assert [each[:16] for each in marked(result)] == [secret]


@pytest.mark.parametrize(
    "around",
    [
        "\ue000{}\ue001",
        "\ue000\ue000\ue001 {} \ue001\ue000",
        "\ue001{} \ufffd\ue000",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 {} \U0001f41d",
        "\u202e {} \u202c <b>{}</b> &amp; <script>alert('{}')</script>",
        "e\u0301 {} \u0627\u0644 {}",
        "\"{}\" \\{}\\ '{}'",
        "a\n\n  {}\t\r\nb",
        "http://a/{}?{}",
    ],
)
def test_marks_are_right_whatever_the_text_holds(alice: Person, room: int, around: str) -> None:
    """Also the characters that mark a hit inside the database."""
    secret = word()
    text = around.replace("{}", secret)
    alice.post(room, text)
    (result,) = results(alice, secret)
    assert result["snippet"] == text
    assert marked(result) and set(marked(result)) == {secret}
    assert [tuple(mark) for mark in result["marks"]] == sorted({tuple(mark) for mark in result["marks"]})


def test_a_text_as_long_as_may_be_is_found_by_its_last_word(alice: Person, room: int) -> None:
    secret = word()
    alice.post(room, f"{'é ' * 5_000}{secret}")
    (result,) = results(alice, secret)
    assert marked(result) == [secret]


def test_all_words_are_marked(alice: Person, room: int) -> None:
    one, two = word(), word()
    alice.post(room, f"{one.upper()} and {two}s, {one}")
    (result,) = results(alice, f"{one} {two}")
    assert marked(result) == [one.upper(), f"{two}s", one]


def test_many_search_at_once_and_people_go_on_posting(server: Server, alice: Person, room: int) -> None:
    """Searches take turns. One that gets none is told to retry, and nothing fails."""
    alice.post(room, secret := word())
    with Person.signed_in(server, unique("carol")) as carol, ThreadPoolExecutor(30) as pool:
        asked = [
            pool.submit(lambda: http_client.get(f"{server.url}/search?q={secret}", headers={"Authorization": f"Bearer {carol.token}"}))
            for _ in range(60)
        ]
        for number in range(20):
            alice.post(room, f"meanwhile {number}")
        statuses = {each.result().status_code for each in asked}
    assert statuses <= {200, 503} and 200 in statuses
