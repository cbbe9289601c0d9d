"""A wrong request gets a 4xx problem document that names the field, and stores nothing."""

import pytest

from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import BASES, problem

pytestmark = pytest.mark.usefixtures("nothing_is_stored")

POSTS = ["/room/{room}/messages", "/user/{user}/messages"]
JSON_BODIES = ["/users", "/session", "/rooms", *POSTS]
NOT_JSON = {
    "nothing": b"",
    "half": b'{"text": "hi"',
    "more": b'{"text": "hi"} and more',
    "single quotes": b"{'text': 'hi'}",
    "a comma too many": b'{"text": "hi",}',
    "NaN": b'{"text": NaN}',
    "a byte order mark": b'\xef\xbb\xbf{"text": "hi"}',
    "UTF-16": '{"text": "hi"}'.encode("utf-16"),
    "broken UTF-8": b'{"text": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "a lone high surrogate": b'{"text": "\\ud800"}',
    "a lone low surrogate": b'{"text": "\\udc00 hi"}',
    "surrogates in the wrong order": b'{"text": "\\udc00\\ud800"}',
    "a bare NUL": b'{"text": "a\0b"}',
    "a bare line break": b'{"text": "a\nb"}',
    "a wrong escape": b'{"text": "\\x00"}',
    "only brackets": b"[" * 100_000,
    "only braces": b'{"text":' * 10_000,
}


# Bodies


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
@pytest.mark.parametrize("path", JSON_BODIES)
def test_what_is_not_json(erin: Person, places: dict[str, object], path: str, body: bytes) -> None:
    """The body is checked before the text's rules, so a missing or an unknown field is named instead."""
    for base in BASES:
        answer = erin.http.post(base + path.format(**places), content=body, headers={"Content-Type": "application/json"})
        document = problem(answer, 400)
        assert document["errors"], document


@pytest.mark.parametrize("body", [b"[]", b"null", b'"hi"', b"17", b"true", b'[{"text": "hi"}]'])
@pytest.mark.parametrize("path", JSON_BODIES)
def test_json_that_is_no_object(erin: Person, places: dict[str, object], path: str, body: bytes) -> None:
    answer = erin.http.post(path.format(**places), content=body, headers={"Content-Type": "application/json"})
    problem(answer, 400, "body")


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/xml", "application/jsonx", "multipart/form-data", "x", ";"])
@pytest.mark.parametrize("path", JSON_BODIES)
def test_another_content_type(erin: Person, places: dict[str, object], path: str, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    problem(erin.http.post(path.format(**places), content=b'{"text": "hi"}', headers=headers), 415)


@pytest.mark.parametrize("wrong", [None, 1, 1.5, True, [], ["hi"], {}, {"text": "hi"}, 10**30], ids=str)
@pytest.mark.parametrize("path", POSTS)
def test_a_text_of_another_type(erin: Person, places: dict[str, object], path: str, wrong: object) -> None:
    problem(erin.http.post(path.format(**places), json={"text": wrong}), 400, "text")


@pytest.mark.parametrize("wrong", [None, 1, [], {}], ids=str)
@pytest.mark.parametrize(
    ("path", "field"), [("/users", "name"), ("/users", "password"), ("/session", "name"), ("/session", "password"), ("/rooms", "name")]
)
def test_a_field_of_another_type(erin: Person, path: str, field: str, wrong: object) -> None:
    rest = {} if path == "/rooms" else {"name": unique("grace"), "password": PASSWORD}
    problem(erin.http.post(path, json={**rest, field: wrong}), 400, field)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/users", {"password": PASSWORD}, "name"),
        ("/users", {"name": "grace"}, "password"),
        ("/session", {"password": PASSWORD}, "name"),
        ("/session", {"name": "grace"}, "password"),
        ("/rooms", {}, "name"),
        ("/room/{room}/messages", {}, "text"),
        ("/user/{user}/messages", {}, "text"),
        ("/users", {"name": "grace", "password": PASSWORD, "admin": True}, "admin"),
        ("/session", {"name": "grace", "password": PASSWORD, "token": "planted"}, "token"),
        ("/rooms", {"name": "a room", "owner": 1}, "owner"),
        ("/room/{room}/messages", {"text": "hi", "sender": 1}, "sender"),
        ("/room/{room}/messages", {"text": "hi", "": ""}, ""),
        ("/user/{user}/messages", {"text": "hi", "Text": "ho"}, "Text"),
    ],
)
def test_a_field_that_is_missing_or_unknown_is_named(
    erin: Person, places: dict[str, object], path: str, body: dict[str, object], field: str
) -> None:
    for base in BASES:
        problem(erin.http.post(base + path.format(**places), json=body), 400, field)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t\u2003", "empty"),
        ("a\0b", "NUL"),
        ("a" * (16 * 1024 + 1), "16 KB"),
        ("\u00e9" * (8 * 1024 + 1), "16 KB"),
        ("\U0001f511" * 4097, "16 KB"),
    ],
    ids=["empty", "blank", "NUL", "a byte over", "two bytes each", "four bytes each"],
)
@pytest.mark.parametrize("path", POSTS)
def test_a_text_that_breaks_a_rule_is_told_which(erin: Person, places: dict[str, object], path: str, text: str, said: str) -> None:
    document = problem(erin.http.post(path.format(**places), json={"text": text}), 400, "text")
    assert said in document["errors"][0]["detail"]


@pytest.mark.parametrize("path", JSON_BODIES)
def test_a_body_that_is_too_large(erin: Person, places: dict[str, object], path: str) -> None:
    for size in (128 * 1024 + 1, 1024 * 1024):
        body = b'{"text": "' + b"a" * size + b'"}'
        problem(erin.http.post(path.format(**places), content=body, headers={"Content-Type": "application/json"}), 413, "body")


# Names and passwords


@pytest.mark.parametrize(
    "name", ["", " ", "17", "\u0661\u0662", "me", "ME", "two words", "a/b", "a\0b", "a\nb", "a@b", "a" * 41, ".", "..", "\u202e", "<b>"]
)
def test_what_is_no_users_name(erin: Person, name: str) -> None:
    problem(erin.http.post("/users", json={"name": name, "password": PASSWORD}), 400, "name")


@pytest.mark.parametrize("name", ["", " ", "17", "\u0661\u0662", "me", "a/b", "a\0b", "a\nb", "a" * 81, ".", "..", "\u202e", "\x7f"])
def test_what_is_no_rooms_name(erin: Person, name: str) -> None:
    problem(erin.http.post("/rooms", json={"name": name}), 400, "name")


@pytest.mark.parametrize("password", ["", "1234567", "p" * 201])
def test_what_is_no_password(erin: Person, password: str) -> None:
    problem(erin.http.post("/users", json={"name": unique("grace"), "password": password}), 400, "password")


@pytest.mark.parametrize("name", ["", "a\0b", "a" * 1000, "17", "\u202e", "a" * 100_000])
def test_a_name_that_nobody_can_have_does_not_sign_in(erin: Person, name: str) -> None:
    assert erin.http.post("/session", json={"name": name, "password": PASSWORD}).status_code in (400, 401)
