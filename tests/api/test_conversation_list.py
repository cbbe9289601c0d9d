"""The list of direct conversations: the other user, the last message and the unread count."""

from typing import Any

import pytest

from tests.harness.people import Person
from tests.harness.responses import at_both_bases, is_utc, next_page, problem
from tests.harness.server import Server
from tests.harness.signals import mark_read, ref


def conversations(person: Person, **query: object) -> list[dict[str, Any]]:
    answer = person.http.get("/conversations", params={key: str(value) for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


@at_both_bases
@pytest.mark.parametrize(("query", "field"), [("limit=0", "limit"), ("limit=x", "limit"), ("before=-1", "before"), ("before=x", "before")])
def test_bad_queries_are_refused(alice: Person, base: str, query: str, field: str) -> None:
    problem(alice.http.get(f"{base}/conversations?{query}"), 400, field)


def test_who_is_not_signed_in_has_none(alice: Person) -> None:
    alice.sign_out()
    problem(alice.http.get("/conversations"), 401)


def test_nobody_sees_those_of_others(alice: Person, bob: Person, carol: Person) -> None:
    alice.write_to(bob.name, "psst")
    assert conversations(carol) == []


def test_who_has_only_looked_has_none(alice: Person, bob: Person) -> None:
    assert alice.http.get(f"/user/{bob.name}/messages").json()["messages"] == []
    assert conversations(alice) == conversations(bob) == []


def test_a_conversation_says_all_that_the_contract_lists(alice: Person, bob: Person) -> None:
    written = alice.write_to(bob.name, f"hi @{bob.name}")
    [his] = conversations(bob)
    assert is_utc(his["last"]["created_at"])
    assert his == {
        "room": written["room"],
        "id": written["room"]["id"],
        "user": ref(alice),
        "read": 0,
        "unread": 1,
        "mentions": 1,
        "newest": written["id"],
        "last": {"id": written["id"], "sender": ref(alice), "text": f"hi @{bob.name}", "created_at": written["created_at"]},
    }
    [hers] = conversations(alice)
    assert hers == {**his, "user": ref(bob), "unread": 0, "mentions": 0}


def test_the_last_message_is_cut_by_characters(alice: Person, bob: Person) -> None:
    alice.write_to(bob.name, "\U0001f600" * 101)
    assert conversations(bob)[0]["last"]["text"] == "\U0001f600" * 100


def test_nothing_is_left_of_a_deleted_last_message(alice: Person, bob: Person) -> None:
    written = alice.write_to(bob.name, "a slip")
    assert alice.http.delete(f"/message/{written['id']}").status_code == 204
    [his] = conversations(bob)
    assert (his["last"]["text"], his["unread"]) == ("", 0)


def test_what_was_read_is_not_unread(alice: Person, bob: Person) -> None:
    first, second = alice.write_to(bob.name, "one"), alice.write_to(bob.name, "two")
    mark_read(bob, first["room"]["id"], first["id"])
    [his] = conversations(bob)
    assert (his["read"], his["unread"], his["newest"]) == (first["id"], 1, second["id"])


def test_the_newest_comes_first(alice: Person, bob: Person, carol: Person) -> None:
    alice.write_to(bob.name, "one")
    carol.write_to(alice.name, "two")
    assert [one["user"]["id"] for one in conversations(alice)] == [carol.id, bob.id]
    bob.write_to(alice.name, "three")
    assert [one["user"]["id"] for one in conversations(alice)] == [bob.id, carol.id]


@at_both_bases
def test_pages_lead_through_all_of_them(server: Server, alice: Person, base: str) -> None:
    others = []
    for _ in range(5):
        with Person.signed_in(server, "friend") as friend:
            friend.write_to(alice.name, "hi")
            others.append(friend.id)
    address, seen = f"{base}/conversations?limit=2", []
    while address:
        answer = alice.http.get(address)
        assert len(answer.json()) <= 2
        seen += [one["user"]["id"] for one in answer.json()]
        address = next_page(answer) or ""
    assert seen == others[::-1]
