"""Previews: bounded, re-encoded, with nothing of the original but its pixels. A file that cannot be decoded has none."""

import io
import zlib

import pytest
from PIL import Image

from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.uploads import bomb, chunk, get, open_picture, picture, uploaded

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


@pytest.fixture
def room(alice: Person) -> str:
    """The path of an open room of alice's."""
    return f"/room/{alice.create_room()['id']}"


def preview(person: Person, room: str, content: bytes) -> Image.Image:
    file = uploaded(person, room, content, "a")["file"]
    assert file["preview_url"] == f"/api/v1/file/{file['id']}/preview"
    answer = get(person, file["preview_url"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    return open_picture(answer.content)


# None


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_a_file_without_a_preview(alice: Person, room: str, width: int, height: int) -> None:
    file = uploaded(alice, room, bomb(width, height), "bomb.png")["file"]
    assert file["preview_url"] is None
    problem(get(alice, f"/file/{file['id']}/preview"), 404)


def test_a_text_that_unpacks_to_very_much_is_no_harm(alice: Person, room: str) -> None:
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 9))
    whole = picture(10, 10)
    assert uploaded(alice, room, whole[:33] + text + whole[33:], "bomb.png")["file"]["type"] == "image/png"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_a_broken_picture_is_a_file_all_the_same(alice: Person, room: str, kind: str) -> None:
    whole = picture(kind=kind)
    for content in (whole[:24], whole[: len(whole) // 2], whole[:20] + bytes(len(whole))):
        file = uploaded(alice, room, content, "broken")["file"]
        assert get(alice, file["url"]).content == content


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0", b"BM" + bytes(60)]
)
def test_what_is_no_plain_picture_has_no_preview(alice: Person, room: str, content: bytes) -> None:
    file = uploaded(alice, room, content, "a.png")["file"]
    assert (file["preview_url"], file["width"], file["height"]) == (None, None, None)


# One


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_a_picture_has_a_preview_that_is_no_larger_than_it_need_be(alice: Person, room: str, kind: str) -> None:
    assert preview(alice, room, picture(1600, 800, kind)).size == (640, 320)
    assert preview(alice, room, picture(20, 10, kind)).size == (20, 10)


def test_a_picture_of_one_row_has_a_preview(alice: Person, room: str) -> None:
    assert preview(alice, room, picture(5000, 1)).size == (640, 1)


def test_a_telephones_large_picture_has_a_preview(alice: Person, room: str) -> None:
    """48 million pixels, scaled while they are decoded."""
    file = uploaded(alice, room, picture(8000, 6000, "JPEG"), "a.jpg")["file"]
    assert (file["width"], file["height"]) == (8000, 6000) and file["preview_url"]


def test_a_preview_is_the_right_way_up(alice: Person, room: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = picture(300, 100, "JPEG", exif=exif)
    file = uploaded(alice, room, content, "a.jpg")["file"]
    assert (file["width"], file["height"]) == (100, 300)
    assert preview(alice, room, content).size == (100, 300)


def test_a_preview_does_not_say_where_it_was_taken(alice: Person, room: str) -> None:
    exif = Image.Exif()
    exif[MAKER] = "a camera"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    for kind in ("JPEG", "WEBP", "PNG"):
        content = picture(50, 50, kind, exif=exif)
        assert open_picture(content).getexif()
        shown = preview(alice, room, content)
        assert not shown.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & shown.info.keys()


def test_a_preview_keeps_what_is_transparent(alice: Person, room: str) -> None:
    encoded = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(encoded, "PNG")
    shown = preview(alice, room, encoded.getvalue())
    assert shown.mode == "RGBA" and shown.getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_moving_picture_has_a_still_preview(alice: Person, room: str) -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue", "green")]
    encoded = io.BytesIO()
    frames[0].save(encoded, "GIF", save_all=True, append_images=frames[1:])
    shown = preview(alice, room, encoded.getvalue())
    assert getattr(shown, "n_frames", 1) == 1


def test_a_preview_may_be_kept(alice: Person, room: str) -> None:
    file = uploaded(alice, room, picture(), "a.png")["file"]
    etag = get(alice, file["preview_url"]).headers["ETag"]
    assert etag != get(alice, file["url"]).headers["ETag"]
    assert get(alice, file["preview_url"], {"If-None-Match": etag}).status_code == 304
    assert get(alice, file["preview_url"], {"Range": "bytes=0-3"}).content == b"RIFF"


def test_the_same_worker_answers_while_previews_are_made(alice: Person, room: str) -> None:
    """A slow picture does not delay a stream: it is decoded in another thread."""
    with alice.stream_room(room.removeprefix("/room/")) as stream:
        message = uploaded(alice, room, picture(6000, 4000), "large.png")
        assert stream.until(lambda frame: frame.event == "file")[-1].json() == message
