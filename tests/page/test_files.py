"""Files on the page: picked, pasted and dropped, with progress and previews, and a plain message if one is refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.held_requests import refuse
from tests.harness.page_parts import in_room, press
from tests.harness.people import Person
from tests.harness.room_page import box, is_shown, log, message, talking
from tests.harness.server import Server
from tests.harness.uploads import noise, picture

MOST_BYTES = 15_000_000
UPLOADS = "**/api/v1/room/*/files"

# As where a proxy allows less than the page knows of.
UNBOUNDED = "document.addEventListener('readystatechange', () => delete document.documentElement.dataset.fileBytes)"
GIVE = """([kind, name, type, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, {type}));
    const target = document.querySelector("main textarea");
    const event = kind === "paste"
        ? new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true})
        : new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true});
    target.dispatchEvent(event);
}"""

# With a text beside the file, or many files, onto whatever is there; answers whether the browser is left to do as it likes.
HAND = """([kind, names, text]) => {
    const transfer = new DataTransfer();
    for (const name of names) transfer.items.add(new File(["x"], name, {type: "image/png"}));
    if (text) transfer.setData("text/plain", text);
    const target = document.querySelector("main textarea") ?? document.body;
    return target.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true})
        : new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
COUNT_URLS = """
window.urls = 0;
const {createObjectURL, revokeObjectURL} = URL;
URL.createObjectURL = (blob) => (window.urls++, createObjectURL.call(URL, blob));
URL.revokeObjectURL = (url) => (window.urls--, revokeObjectURL.call(URL, url));
"""
MOST_FILES = 20


def payload(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def pick(page: Page, *files: FilePayload | Path) -> None:
    with page.expect_file_chooser() as chooser:
        press(page, "Attach files")
    chooser.value.set_files(list(files))  # type: ignore[arg-type]


def tray(page: Page) -> Locator:
    return page.get_by_role("list", name="Files to send")


# What is refused


def test_a_file_that_is_too_large_is_told_before_anything_is_sent(
    visits: Visits, alice: Person, room: dict[str, Any], tmp_path: Path
) -> None:
    large = tmp_path / "film.mkv"
    large.write_bytes(bytes(MOST_BYTES + 1))
    page = talking(visits, alice, room)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    pick(page, large)
    expect(tray(page).get_by_role("alert")).to_have_text("The file is too large (15 MB): 15 MB is the most.")
    expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "true")
    box(page).press("Enter")
    press(page, "Remove film.mkv")
    expect(tray(page)).to_have_count(0)
    assert [url for url in asked if url.endswith("/files")] == []


def test_of_many_files_those_that_are_refused_come_first(visits: Visits, alice: Person, room: dict[str, Any], tmp_path: Path) -> None:
    large = tmp_path / "film.mkv"
    large.write_bytes(bytes(MOST_BYTES + 1))
    page = talking(visits, alice, room)
    pick(page, *(payload(f"note-{number}.txt", "text/plain", b"note") for number in range(MOST_FILES - 1)))
    pick(page, large)
    expect(tray(page).get_by_role("listitem")).to_have_count(MOST_FILES)
    expect(tray(page).get_by_role("listitem").first).to_contain_text("film.mkv")
    expect(tray(page).get_by_role("alert")).to_be_in_viewport()
    names = tray(page).get_by_role("listitem").locator("bdi").all_inner_texts()
    assert names[1:] == [f"note-{number}.txt" for number in range(MOST_FILES - 1)]


@pytest.fixture
def narrow_server(database_url: str, redis_url: str) -> Iterator[Server]:
    """There is hardly any room for files."""
    with Server(database_url, redis_url, settings={"USER_FILES_BYTES": "200000", "FILE_BYTES": "150000"}) as running:
        yield running


def test_where_there_is_no_room_for_a_file_the_page_says_so(visits: Visits, narrow_server: Server) -> None:
    with Person.sign_up(narrow_server.url, "alice") as alice:
        room = alice.create_room("lounge")
        visitor = visits.of(alice, url=narrow_server.url)
        visitor.bears_failures = True
        page = in_room(visitor, room)
        pick(page, payload("a.bin", "", noise(140_000)), payload("b.bin", "", noise(140_000)))
        box(page).press("Enter")
        alert = log(page).get_by_role("alert")
        expect(alert).to_contain_text("There is no room left for this file.")
        expect(alert.get_by_role("button", name="Retry")).to_be_visible()
        expect(log(page).get_by_role("link", name=re.compile("a.bin"))).to_have_count(1)
        pick(page, payload("c.bin", "", noise(150_001)))
        expect(tray(page).get_by_role("alert")).to_contain_text("150 KB is the most")


def test_a_file_that_the_service_finds_too_large_says_so(visits: Visits, narrow_server: Server) -> None:
    with Person.sign_up(narrow_server.url, "alice") as alice:
        visitor = visits.of(alice, url=narrow_server.url)
        visitor.bears_failures = True
        visitor.context.add_init_script(UNBOUNDED)
        page = in_room(visitor, alice.create_room("lounge"))
        pick(page, payload("film.mkv", "video/x-matroska", noise(5_000_000)))
        box(page).press("Enter")
        alert = log(page).get_by_role("alert")
        expect(alert).to_contain_text("Not sent. The file is too large (5 MB).")
        expect(alert.get_by_role("button", name="Retry")).to_have_count(0)
        press(page, "Discard", alert)
        expect(log(page).get_by_role("article")).to_have_count(0)


# What is sent


def test_a_picked_file_arrives_with_its_words(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    pick(hers, payload("notes.txt", "text/plain", b"so it is"))
    box(hers).fill("read this")
    box(hers).press("Enter")
    is_shown(his, "read this")
    link = message(his, "read this").get_by_role("link", name=re.compile("^notes.txt"))
    with his.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes() == b"so it is"
    expect(tray(hers)).to_have_count(0)


def test_a_picture_is_previewed_before_it_is_sent_and_shown_after(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    pick(hers, payload("red.png", "image/png", picture(400, 300)))
    shown = tray(hers).locator("img")
    eventually(lambda: shown.evaluate("image => image.naturalWidth") == 400)
    box(hers).press("Enter")
    for page in (hers, his):
        image = log(page).get_by_role("link", name="red.png").get_by_role("img", name="red.png")
        eventually(lambda image=image: image.evaluate("image => image.complete && image.naturalWidth > 0"))  # type: ignore[misc]
        assert image.evaluate("image => Math.round(300 * image.clientWidth / image.clientHeight)") == 400


def test_a_pasted_and_a_dropped_file_are_taken(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    page.evaluate(GIVE, ["paste", "pasted.txt", "text/plain", "one"])
    page.evaluate(GIVE, ["dragover", "dropped.txt", "text/plain", "two"])
    expect(page.get_by_text("Drop files to attach them")).to_be_visible()
    page.evaluate(GIVE, ["drop", "dropped.txt", "text/plain", "two"])
    expect(page.get_by_text("Drop files to attach them")).to_have_count(0)
    expect(tray(page).get_by_role("listitem")).to_have_count(2)
    box(page).press("Enter")
    for name in ("pasted.txt", "dropped.txt"):
        expect(log(page).get_by_role("link", name=re.compile(f"^{name}"))).to_be_visible()


def test_of_a_text_with_its_picture_the_text_is_pasted(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    assert page.evaluate(HAND, ["paste", ["image.png"], "1\t2\n3\t4"])
    expect(tray(page)).to_have_count(0)
    assert not page.evaluate(HAND, ["paste", ["pear.png"], "pear.png"])  # as a file manager names what it gives
    expect(tray(page).get_by_role("listitem")).to_have_count(1)


def test_of_too_many_files_the_rest_is_told_of(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.context.add_init_script(COUNT_URLS)
    page = in_room(visitor, room)
    page.evaluate(HAND, ["drop", [f"{number}.png" for number in range(MOST_FILES + 2)], ""])
    expect(tray(page).get_by_role("listitem")).to_have_count(MOST_FILES)
    expect(page.get_by_text("20 files at a time: 2 were left out")).to_be_visible()
    assert page.evaluate("window.urls") == MOST_FILES


def test_a_file_that_is_dropped_where_none_is_taken_is_not_opened(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "so it is")
    page = talking(visits, alice, room)
    box(page).press("ArrowUp")
    expect(page.get_by_text("Editing your message")).to_be_visible()
    is_refused(page)
    page.keyboard.press("Escape")
    expect(tray(page)).to_have_count(0)
    is_refused(visits.of(alice).open())


def is_refused(page: Page) -> None:
    for kind in ("dragover", "drop"):
        assert not page.evaluate(HAND, [kind, ["pear.png"], ""])
    expect(page.get_by_text("Drop files to attach them")).to_have_count(0)


def test_an_upload_shows_how_far_it_is_and_is_cancelled(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.context.route(UPLOADS, hold)
    pick(page, payload("big.bin", "application/octet-stream", noise(1_000_000)))
    box(page).press("Enter")
    expect(page.get_by_role("progressbar", name="Uploading big.bin")).to_be_visible()
    press(page, "Cancel big.bin")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(log(page).get_by_role("article")).to_have_count(0)
    assert bob.history(room["id"]) == []


def test_an_upload_that_was_answered_to_nobody_is_retried_and_stored_once(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)

    def lose(route: Route) -> None:
        assert route.fetch().status in (200, 201)
        refuse(route, 502, "lost")

    visitor.context.route(UPLOADS, lose)
    pick(page, payload("notes.txt", "text/plain", b"so it is"))
    box(page).press("Enter")
    alert = log(page).get_by_role("alert")
    expect(alert).to_contain_text("Not sent.")
    visitor.context.unroute(UPLOADS)
    press(page, "Retry", alert)
    expect(alert).to_have_count(0)
    expect(log(page).get_by_role("progressbar")).to_have_count(0)
    expect(log(page).get_by_role("article")).to_have_count(1)
    assert len(alice.history(room["id"])) == 1
