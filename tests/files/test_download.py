"""Downloads: whole and in ranges, cached by a browser but revalidated each time, and shown inline only if that is safe."""

import re
from urllib.parse import unquote

import httpx
import pytest

from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.uploads import form, get, noise, part, picture, post, uploaded

CONTENT = bytes(range(256)) * 1000
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
SHOWN = [
    (picture(), "image/png"),
    (picture(kind="JPEG"), "image/jpeg"),
    (picture(kind="GIF"), "image/gif"),
    (picture(kind="WEBP"), "image/webp"),
    (picture(kind="AVIF"), "image/avif"),
    (b"\0\0\0\x20ftypisom" + bytes(64), "video/mp4"),
    (b"\0\0\0\x20ftypM4A " + bytes(64), "audio/mp4"),
    (WEBM + bytes(64), "video/webm"),
    (b"OggS" + bytes(64), "audio/ogg"),
    (b"ID3\x04" + bytes(64), "audio/mpeg"),
    (b"\xff\xfb\x90\x00" + bytes(64), "audio/mpeg"),
    (b"RIFF\x24\0\0\0WAVEfmt " + bytes(64), "audio/wav"),
    (b"fLaC" + bytes(64), "audio/flac"),
]
DOWNLOADED = [
    HTML,
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<?xml version='1.0'?><svg/>",
    b"%PDF-1.7",
    b"PK\x03\x04",
    b"MZ",
    b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0",
    b"\0\0\0\x20ftypqt  ",
    b"RIFF\x24\0\0\0AVI ",
    b"just text",
    b"",
]
HOSTILE = [
    'a";b.png',
    "a\\b.png",
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "a\r\nSet-Cookie: chat_session=evil.png",
    "a\0b.png",
    "/",
    "..",
    ".",
    "   ",
    "\u202egnp.exe",
    "снимок экрана.png",
    "🦜" * 200 + ".jpeg",
    "x" * 1000 + ".tar.gz",
    "%2e%2e%2fpasswd",
    "preview",
    "a;filename*=UTF-8''b.html",
    "C:\\fakepath\\photo.png",
]


@pytest.fixture
def room(alice: Person) -> str:
    """The path of an open room of alice's."""
    return f"/room/{alice.create_room()['id']}"


@pytest.fixture
def url(alice: Person, room: str) -> str:
    """A file with CONTENT."""
    found: str = uploaded(alice, room, CONTENT)["file"]["url"]
    return found


# What a browser may show


@pytest.mark.parametrize(("content", "kind"), SHOWN, ids=[kind for _, kind in SHOWN])
def test_what_is_plainly_a_picture_sound_or_film_is_shown(alice: Person, room: str, content: bytes, kind: str) -> None:
    """By its first bytes, whatever its name and the client's type are."""
    file = uploaded(alice, room, content, "page.html", kind="text/html")["file"]
    answer = get(alice, file["url"])
    assert (file["type"], answer.headers["Content-Type"], answer.content) == (kind, kind, content)
    assert answer.headers["Content-Disposition"].startswith("inline;")
    is_safe(answer)


@pytest.mark.parametrize("content", DOWNLOADED, ids=repr)
def test_everything_else_is_downloaded(alice: Person, room: str, content: bytes) -> None:
    file = uploaded(alice, room, content, "picture.png", kind="image/png")["file"]
    answer = get(alice, file["url"])
    assert file["type"] == answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    is_safe(answer)


def test_a_picture_that_is_a_page_as_well_is_only_a_picture(alice: Person, room: str) -> None:
    for content in (picture() + HTML, b"GIF89a/*" + HTML + b"*/", b"\xff\xd8\xff" + HTML):
        answer = get(alice, uploaded(alice, room, content, "a.html")["file"]["url"])
        assert answer.headers["Content-Type"].startswith("image/")
        is_safe(answer)


def is_safe(answer: httpx.Response) -> None:
    """No browser guesses another type, runs scripts in it, or embeds it in another site's page."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox;" in policy and "default-src 'none'" in policy and "allow-" not in policy and "script" not in policy
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "private" in answer.headers["Cache-Control"] and "no-cache" in answer.headers["Cache-Control"]


# Names


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_no_name_gets_into_a_path_or_a_header(alice: Person, room: str, name: str) -> None:
    raw_name = name.replace('"', '\\"').replace("\r", "").replace("\n", "")
    file = post(alice, room, form(part("file", picture(), raw_name))).json()["file"]
    assert file["name"] and file["name"].isprintable() and len(file["name"]) <= 150
    assert not set(file["name"]) & {"/", "\\", "\n", "\r", "\0"} and file["name"].strip(".") != ""
    answer = get(alice, file["url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers.keys() >= {"content-disposition"} and "set-cookie" not in answer.headers
    match = re.fullmatch(
        r"inline; filename=\"([A-Za-z0-9 ._()+=,-]+)\"; filename\*=UTF-8''([A-Za-z0-9%!#$&+.^_`|~-]+)",
        answer.headers["Content-Disposition"],
    )
    assert match and unquote(match[2]) == file["name"]


def test_a_name_keeps_its_ending_where_it_is_cut(alice: Person, room: str) -> None:
    name = uploaded(alice, room, b"a", "🦜" * 300 + ".jpeg")["file"]["name"]
    assert name == "🦜" * 145 + ".jpeg"


def test_the_name_in_the_address_finds_nothing(alice: Person, room: str) -> None:
    one, other = (uploaded(alice, room, content, f"{name}.txt")["file"] for content, name in ((b"one", "one"), (b"other", "other")))
    assert get(alice, f"/file/{one['id']}/other.txt").content == b"one"
    assert get(alice, f"/file/{other['id']}/%2e%2e%5c").content == b"other"


def test_a_file_that_is_called_preview_is_found(alice: Person, room: str) -> None:
    file = uploaded(alice, room, b"hello", "preview")["file"]
    assert get(alice, file["url"]).content == b"hello"


# Parts


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=70000-", 70_000, 256_000),
        ("bytes=-5", 255_995, 256_000),
        ("bytes=0-999999999", 0, 256_000),
        ("bytes=-999999999", 0, 256_000),
        ("bytes=255999-255999", 255_999, 256_000),
    ],
)
def test_a_part_is_answered(alice: Person, url: str, asked: str, start: int, stop: int) -> None:
    answer = get(alice, url, {"Range": asked})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/256000"
    assert answer.headers["Content-Length"] == str(stop - start)
    is_safe(answer)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=5-1", "bytes=a-b", "bytes", "", "bytes=-", "bytes=1-2-3"])
def test_a_range_that_says_nothing_clear_is_answered_whole(alice: Person, url: str, asked: str) -> None:
    answer = get(alice, url, {"Range": asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=999999-1000000"])
def test_a_part_that_is_not_there_is_refused(alice: Person, url: str, asked: str) -> None:
    answer = get(alice, url, {"Range": asked})
    problem(answer, 416)
    assert answer.headers["Content-Range"] == "bytes */256000"


def test_an_empty_file_has_no_part(alice: Person, room: str) -> None:
    empty = uploaded(alice, room, b"")["file"]["url"]
    assert get(alice, empty).headers["Content-Length"] == "0"
    problem(get(alice, empty, {"Range": "bytes=0-"}), 416)


def test_a_part_is_answered_of_the_same_version_only(alice: Person, url: str) -> None:
    etag = get(alice, url).headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{64}"', etag)
    asked = {"Range": "bytes=0-9"}
    assert get(alice, url, asked | {"If-Range": etag}).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sat, 21 Nov 2026 11:00:00 GMT"):
        answer = get(alice, url, asked | {"If-Range": other})
        assert (answer.status_code, answer.content) == (200, CONTENT)


def test_what_a_browser_has_is_not_sent_again(alice: Person, bob: Person, url: str) -> None:
    etag = get(alice, url).headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = get(alice, url, {"If-None-Match": known, "Range": "bytes=0-9"})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
        is_safe(answer)
    assert get(alice, url, {"If-None-Match": '"other"'}).status_code == 200
    problem(get(bob, url, {"If-None-Match": etag, "Authorization": "Bearer wrong"}), 401)


def test_a_head_tells_all_but_the_content(alice: Person, url: str) -> None:
    whole, told = get(alice, url), get(alice, url, {"Range": "bytes=0-9"}, method="HEAD")
    assert (told.status_code, told.content, told.headers["Content-Length"]) == (200, b"", "256000")
    for name in ("ETag", "Accept-Ranges", "Content-Type", "Content-Disposition"):
        assert told.headers[name] == whole.headers[name]


def test_a_connection_goes_on_after_a_file(alice: Person, room: str) -> None:
    """The next request's timeout is its own."""
    url = uploaded(alice, room, noise(300_000))["file"]["url"]
    for _ in range(3):
        assert len(get(alice, url).content) == 300_000
        assert get(alice, url, {"Range": "bytes=5-9"}).status_code == 206
