"""Avatars: only a certain picture is decoded, and it is stored re-encoded, small, with nothing but its pixels."""

import io
import os
from typing import Any

import httpx
import pytest
from PIL import Image

from chat.usecases.avatars import AVATAR_BYTES
from tests.harness import http_client, raw
from tests.harness.people import Person
from tests.harness.responses import BASES, at_both_bases, problem
from tests.harness.server import Server
from tests.harness.tables import execute
from tests.harness.uploads import BOUNDARY, PNG, bomb, form, open_picture, part, picture
from tests.harness.workers import request_each_worker

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
SIDE = 256


def put(person: Person, content: bytes, name: str = "me.png", base: str = "/api/v1") -> httpx.Response:
    return person.http.put(f"{base}/user/me/avatar", files={"file": (name, content)})


def shown(person: Person, content: bytes) -> Image.Image:
    """The stored form of an accepted picture."""
    answer = put(person, content)
    assert answer.status_code == 200, answer.text
    return open_picture(person.http.get(answer.json()["avatar_url"]).content)


def has_none(person: Person) -> bool:
    user = person.http.get(f"/user/{person.id}").json()
    return user["avatar_url"] is None and person.http.get(f"/user/{person.id}/avatar").status_code == 404


def halves(width: int, height: int, **more: Any) -> bytes:
    """A JPEG that is red on its left and blue on its right."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=95, **more)
    return encoded.getvalue()


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, _, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return bool(red > 200 and blue < 60)


# Refused


@at_both_bases
def test_nobody_who_is_not_signed_in_shows_or_sees_anything(server: Server, alice: Person, base: str) -> None:
    assert put(alice, picture()).status_code == 200
    address = f"{server.url}{base}/user"
    problem(http_client.get(f"{address}/{alice.id}/avatar"), 401)
    problem(http_client.request("PUT", f"{address}/me/avatar", files={"file": ("a.png", picture())}), 401)
    problem(http_client.request("DELETE", f"{address}/me/avatar"), 401)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"BM" + bytes(60),
        b"RIFF\x04\0\0\0WAVEfmt ",
        PNG,
        PNG + bytes(5000),
        b"\xff\xd8\xff" + bytes(5000),
        b"GIF89a" + b"\xff" * 100,
    ],
)
def test_what_is_no_raster_picture_is_refused(alice: Person, content: bytes) -> None:
    problem(put(alice, content), 400, "file")
    assert has_none(alice)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_a_broken_picture_is_refused(alice: Person, kind: str) -> None:
    problem(put(alice, picture(600, 600, kind)[:100]), 400, "file")
    assert has_none(alice)


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (100_000, 100_000), (2**31 - 1, 2**31 - 1), (24_000_001, 1)])
def test_a_bomb_is_refused(alice: Person, width: int, height: int) -> None:
    problem(put(alice, bomb(width, height)), 400, "file")
    assert has_none(alice)


@pytest.mark.parametrize(("width", "height"), [(9000, 9000), (65_000, 511)])
def test_a_jpeg_that_would_unfold_is_refused(alice: Person, width: int, height: int) -> None:
    """The first has too many pixels even for scaled decoding. The second can hardly be scaled."""
    problem(put(alice, picture(width, height, "JPEG")), 400, "file")
    assert has_none(alice)


def test_one_that_is_too_large_is_refused_before_it_is_read_and_while_it_is(server: Server, alice: Person) -> None:
    content = picture() + os.urandom(AVATAR_BYTES)
    problem(put(alice, content), 413, "file")
    begun = form(part("file", content, "a.png"))
    answer = send(server, alice, begun[: len(begun) // 2], {"Content_Length": str(100 * AVATAR_BYTES)})
    assert b" 413 " in answer.split(b"\r\n")[0] and b"Connection: close" in answer
    assert has_none(alice)


def send(server: Server, person: Person, body: bytes, more: dict[str, str]) -> bytes:
    """The response to an upload whose end never comes."""
    headers = raw.headers(person, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **more)
    with raw.connect(server) as client:
        client.sendall(raw.request("PUT /api/v1/user/me/avatar HTTP/1.1", headers))
        client.sendall(body[:100_000])
        answer = b""
        while portion := client.recv(65536):
            answer += portion
    return answer


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (form(), "file"),
        (form(part("picture", picture(), "a.png")), "body"),
        (form(part("file", picture(), "a.png"), part("text", b"me")), "body"),
        (form(part("file", picture(), "a.png"), part("file", picture(), "b.png")), "file"),
        (form(part("file", picture())), "file"),
        (form(part("file", picture(), "a.png"))[:-50], "body"),
        (b"no form", "body"),
    ],
)
def test_a_form_that_is_wrong_is_refused_by_name(alice: Person, body: bytes, field: str) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    problem(alice.http.put("/user/me/avatar", content=body, headers=headers), 400, field)
    assert has_none(alice)


def test_what_is_no_form_is_refused(alice: Person) -> None:
    problem(alice.http.put("/user/me/avatar", json={"file": "a"}), 415)
    problem(alice.http.put("/user/me/avatar", content=picture(), headers={"Content-Type": "image/png"}), 415)


def test_nobody_changes_the_picture_of_another(alice: Person, bob: Person) -> None:
    for whom in (bob.id, bob.name, alice.id):
        problem(alice.http.put(f"/user/{whom}/avatar", files={"file": ("a.png", picture())}), 405)
        problem(alice.http.delete(f"/user/{whom}/avatar"), 405)
    assert has_none(bob)


def test_no_foreign_page_changes_it_with_a_cookie(server: Server, alice: Person) -> None:
    headers = {"Cookie": f"chat_session={alice.token}", "Sec-Fetch-Site": "cross-site"}
    problem(http_client.request("PUT", f"{server.url}/user/me/avatar", files={"file": ("a.png", picture())}, headers=headers), 403)
    assert has_none(alice)


@pytest.mark.parametrize("reference", ["0", "nobody", "9" * 30, "me", "%00"])
def test_nobody_has_no_picture(alice: Person, reference: str) -> None:
    problem(alice.http.get(f"/user/{reference}/avatar"), 404)


def test_what_was_refused_leaves_the_picture_from_before(alice: Person) -> None:
    before = put(alice, picture()).json()["avatar_url"]
    problem(put(alice, b"nothing"), 400, "file")
    assert alice.http.get(f"/user/{alice.id}").json()["avatar_url"] == before


# Taken


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("size", [(1600, 800), (20, 10), (1, 1), (3000, 2), (256, 256)])
def test_whatever_it_was_it_becomes_a_square(alice: Person, kind: str, size: tuple[int, int]) -> None:
    image = shown(alice, picture(*size, kind))
    assert (image.format, image.size) == ("WEBP", (SIDE, SIDE))


def test_the_middle_is_kept(alice: Person) -> None:
    image = shown(alice, halves(1200, 400))
    assert is_red(image, 100, 128) and not is_red(image, 156, 128)


def test_a_picture_is_the_right_way_up(alice: Person) -> None:
    """6: the camera was held so that the left is now above."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    image = shown(alice, halves(800, 800, exif=exif))
    assert is_red(image, 128, 30) and not is_red(image, 128, 226)


def test_a_telephones_large_picture_is_taken(alice: Person) -> None:
    assert shown(alice, picture(8000, 6000, "JPEG")).size == (SIDE, SIDE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_colours_of_every_kind_are_taken(alice: Person, mode: str) -> None:
    encoded = io.BytesIO()
    Image.new(mode, (300, 300)).save(encoded, "JPEG" if mode == "CMYK" else "PNG")
    assert shown(alice, encoded.getvalue()).size == (SIDE, SIDE)


def test_what_is_transparent_stays_so(alice: Person) -> None:
    encoded = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(encoded, "PNG")
    image = shown(alice, encoded.getvalue())
    assert image.mode == "RGBA" and image.getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_nothing_of_the_upload_is_kept_but_its_pixels(server: Server, alice: Person, kind: str) -> None:
    exif = Image.Exif()
    exif[MAKER] = "a camera of alice's"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    content = picture(300, 300, kind, exif=exif) + b"<script>trailing</script>"
    assert open_picture(content).getexif()
    image = shown(alice, content)
    assert not image.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    kept = execute(server.database_url, "SELECT picture FROM avatars WHERE user_id = :user", {"user": alice.id})
    assert len(kept) == 1
    assert b"camera" not in bytes(kept[0][0]) and b"script" not in bytes(kept[0][0])


def test_a_moving_picture_stands_still(alice: Person) -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue", "green")]
    encoded = io.BytesIO()
    frames[0].save(encoded, "GIF", save_all=True, append_images=frames[1:])
    image = shown(alice, encoded.getvalue())
    assert getattr(image, "n_frames", 1) == 1 and is_red(image, 128, 128)


def test_everybody_sees_it_at_once_on_every_worker(server: Server, alice: Person, bob: Person) -> None:
    for base in BASES:
        url = put(alice, picture(), base=base).json()["avatar_url"]
        for answer in request_each_worker(server, bob, "GET", f"/user/{alice.name}"):
            assert answer.json()["avatar_url"] == url
        for answer in request_each_worker(server, bob, "GET", url):
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert [user["avatar_url"] for user in bob.http.get("/users", params={"name": alice.name}).json()] == [url]
    assert alice.http.get("/session").json()["user"]["avatar_url"] == url
    assert alice.sign_in_again().http.get("/session").json()["user"]["avatar_url"] == url


def test_each_picture_has_an_address_of_its_own(alice: Person) -> None:
    """A new URL also after a deletion: a browser that cached the first picture would show it for ever."""
    first = put(alice, picture(colour="red")).json()["avatar_url"]
    second = put(alice, picture(colour="blue")).json()["avatar_url"]
    assert alice.http.delete("/user/me/avatar").status_code == 204
    third = put(alice, picture(colour="red")).json()["avatar_url"]
    assert len({first, second, third}) == 3


def test_a_browser_asks_again_only_without_the_version(alice: Person, bob: Person) -> None:
    url = put(alice, picture()).json()["avatar_url"]
    kept, asked = bob.http.get(url), bob.http.get(f"/user/{alice.id}/avatar")
    assert kept.headers["Cache-Control"].startswith("private, max-age=") and asked.headers["Cache-Control"] == "private, no-cache"
    assert bob.http.get(url.replace("?v=", "?v=9")).headers["Cache-Control"] == "private, no-cache"
    etag = kept.headers["ETag"]
    assert bob.http.get(url, headers={"If-None-Match": etag}).status_code == 304
    newer = put(alice, picture(colour="blue")).json()["avatar_url"]
    changed = bob.http.get(newer, headers={"If-None-Match": etag})
    assert changed.status_code == 200 and changed.headers["ETag"] != etag
    assert bob.http.get(newer, headers={"Range": "bytes=0-3"}).content == b"RIFF"


def test_a_browser_does_nothing_with_it_but_show_it(alice: Person) -> None:
    headers = alice.http.get(put(alice, picture()).json()["avatar_url"]).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_was_deleted_is_gone(server: Server, alice: Person, bob: Person) -> None:
    url = put(alice, picture()).json()["avatar_url"]
    for _ in range(2):
        assert alice.http.delete("/user/me/avatar").status_code == 204
    for answer in request_each_worker(server, bob, "GET", url):
        problem(answer, 404)
    assert has_none(alice)
    assert execute(server.database_url, "SELECT FROM avatars WHERE user_id = :user", {"user": alice.id}) == []
