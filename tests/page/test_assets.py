"""The page's files: small, compressed, cached until the next deploy, with nothing from other origins and nothing that its policy
forbids."""

import gzip
import json
import random
import shutil
import string
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
import pytest
from playwright.sync_api import Browser, Request, Route

from chat.web import assets
from tests.harness import http_client
from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import grave_faults
from tests.harness.people import Person
from tests.harness.server import ROOT, Server

FIRST_PAINT_BYTES = 100_000  # of all that is needed until the page stands, with a screen of what was said in its room
ADDRESSES = ["/", "/r/7", "/r/7/1234", "/join/7-abc_DEF"]
GZIP = {"Accept-Encoding": "gzip"}


def get(server: Server, path: str, **headers: str) -> httpx.Response:
    return http_client.request("GET", server.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def version(server: Server) -> str:
    """The first part of the addresses of the page's files."""
    return get(server, "/").text.split("/static/")[1].split("/")[0]


# The shell


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_of_the_page_answers_the_same_shell(server: Server, path: str) -> None:
    answer = get(server, path)
    assert answer.status_code == 200
    assert answer.text == get(server, "/").text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/r/", "/r/lobby", "/r/7/", "/r/7/x", "/join/", "/join/a/b"])
def test_an_address_that_is_none_of_the_pages_is_not_found(server: Server, path: str) -> None:
    assert get(server, path).status_code == 404


def test_a_browser_that_is_lost_gets_a_page(server: Server, visits: Visits) -> None:
    visitor = visits.of()
    page = visitor.context.new_page()
    answer = page.goto(f"{server.url}/no/such/place")
    assert answer is not None and answer.status == 404
    assert answer.headers["content-security-policy"] == get(server, "/").headers["Content-Security-Policy"]
    page.get_by_role("heading", level=1, name="Nothing to see here").wait_for()
    assert grave_faults(page) == []
    page.get_by_role("link", name="To the rooms").click()
    page.get_by_role("heading", name="Sign in").wait_for()


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/no/such/place", BROWSER, "text/html; charset=utf-8"),
        ("/static/nothing.js", BROWSER, "text/html; charset=utf-8"),
        ("/api/v1/nothing", BROWSER, "application/problem+json"),
        ("/no/such/place", "*/*", "application/problem+json"),
        ("/no/such/place", "application/json", "application/problem+json"),
        ("/no/such/place", "application/json, text/html;q=0.5", "application/problem+json"),
    ],
)
def test_who_is_lost_is_told_so_as_they_read(server: Server, path: str, accept: str, kind: str) -> None:
    answer = get(server, path, Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, kind)
    assert "Accept" in answer.headers["Vary"]


def test_the_policy_lets_the_page_load_only_what_the_service_serves(server: Server) -> None:
    policy = dict(part.strip().split(" ", 1) for part in get(server, "/").headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["manifest-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in " ".join(policy.values())


def test_the_page_says_the_pace_of_its_heartbeat(server: Server) -> None:
    assert 'data-heartbeat="1.0"' in get(server, "/").text


def test_the_old_addresses_of_the_documents_work(server: Server) -> None:
    answer = get(server, "/api/v1/docs")
    assert answer.status_code == 200
    assert all(get(server, path).status_code == 200 for path in linked(answer.text))


def linked(html: str) -> list[str]:
    """What a document of the service loads."""
    found = [part.split('"')[0] for part in html.split('href="')[1:]]
    paths = [path for path in found if path.startswith("/static/")]
    assert paths
    return paths


def test_the_manifest_names_an_icon_that_is_there(server: Server) -> None:
    path = f"/static/{version(server)}/manifest.webmanifest"
    answer = get(server, path)
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(answer.text)
    assert manifest["start_url"] == "/"
    for icon in manifest["icons"]:
        found = get(server, f"{path.rpartition('/')[0]}/{icon['src']}")
        assert found.status_code == 200
        assert found.headers["Content-Type"].startswith(icon["type"])


# Its files


@pytest.mark.parametrize(
    ("path", "taken", "coding"),
    [
        ("bundle.js", "gzip, deflate, br", "br"),
        ("bundle.js", "gzip, deflate", "gzip"),
        ("bundle.js", "br;q=0, gzip", "gzip"),
        ("bundle.css", "br", "br"),
        ("app/core/timeline.js", "gzip, br", "gzip"),
    ],
)
def test_a_file_is_compressed_for_whom_takes_that_and_the_same_for_others(server: Server, path: str, taken: str, coding: str) -> None:
    path = f"/static/{version(server)}/{path}"
    plain, packed = get(server, path, Accept_Encoding="identity"), get(server, path, Accept_Encoding=taken)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == coding
    assert plain.content == packed.content
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, packed))


@pytest.mark.parametrize("path", ["/", "/static/bundle.js", "/static/app/main.js"])
def test_what_may_change_under_its_address_is_asked_again_and_answered_in_short(server: Server, path: str) -> None:
    first = get(server, path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = get(server, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert get(server, path, If_None_Match='"another"').status_code == 200


def test_a_file_at_its_versions_address_is_kept_for_good(server: Server) -> None:
    assert "immutable" in get(server, f"/static/{version(server)}/bundle.js").headers["Cache-Control"]


def test_what_another_version_is_asked_for_during_a_deploy_is_not_kept(server: Server) -> None:
    answer = get(server, "/static/0123456789ab/bundle.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["nothing.js", "../__init__.py", "%2e%2e/__init__.py", "0123456789ab/nothing.js", "app", "app/"])
def test_what_is_not_there_is_not_found(server: Server, path: str) -> None:
    assert get(server, f"/static/{path}").status_code == 404


def test_a_changed_file_makes_another_version_of_all() -> None:
    contents = dict.fromkeys(assets.STYLES, b"") | {assets.ENTRY: b"let a = 1;\n", "icon.svg": b"<svg/>"}
    one, other = (assets.made_of({**contents, "icon.svg": icon}) for icon in (b"<svg/>", b"<svg />"))
    assert one.version != other.version
    assert one.version == assets.made_of(contents).version


# In a browser


def test_what_a_first_visit_loads_is_small_and_all_from_the_service(fresh_server: Server, chromium: Browser) -> None:
    with Visits(chromium, fresh_server.url) as visits, Person.sign_up(fresh_server.url, "alice") as alice:
        room = a_team_at_work(alice)
        visitor = visits.of(alice)
        loaded: list[Request] = []

        def note(request: Request) -> None:
            loaded.append(request)

        visitor.context.on("requestfinished", note)
        page = visitor.open(f"/r/{room['id']}")
        page.get_by_role("log").get_by_text("number 59").wait_for()
        assert all(request.url.startswith(fresh_server.url) for request in loaded)
        sizes = {urlsplit(request.url).path.rpartition("/")[2]: request.sizes() for request in loaded}
        assert {"bundle.js", "bundle.css", "session", "rooms", "messages"} <= sizes.keys()
        assert sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes.values()) < FIRST_PAINT_BYTES, sizes


def a_team_at_work(alice: Person) -> dict[str, Any]:
    """Forty rooms, and in one of them a screen and more of words that do not repeat."""
    chance = random.Random(7)
    rooms = [alice.create_room(f"room-{number}") for number in range(40)]
    for number in range(60):
        words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(15)]
        alice.post(rooms[0]["id"], f"{' '.join(words)}, number {number}")
    return rooms[0]


def test_a_room_stands_after_one_round_of_requests_beyond_the_shell(server: Server, visits: Visits, alice: Person) -> None:
    """Everything that it shows is requested while its script is loading, and requested once."""
    room = alice.create_room()["id"]
    alice.post(room, "hello")
    asked: list[str] = []
    visitor = visits.of(alice)
    visitor.context.on("request", lambda request: asked.append(urlsplit(request.url).path.rpartition("/")[2]))
    page = visitor.context.new_page()
    page.route("**/bundle.js", lambda route: route.fulfill(status=503))
    visitor.bears_failures = True
    with page.expect_response("**/messages?*"):
        page.goto(f"{server.url}/r/{room}")
    assert {"session", "rooms", "conversations", "messages", "bundle.css", "bundle.js"} <= set(asked)
    page.unroute("**/bundle.js")
    asked.clear()
    page = visitor.open(f"/r/{room}")
    page.get_by_role("log").get_by_text("hello").wait_for()
    assert [asked.count(each) for each in ("session", "rooms", "conversations", "messages", "bundle.js")] == [1, 1, 1, 1, 1]


def test_whoever_waits_for_the_script_is_told_so(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.context.route("**/bundle.js", lambda _: None)
    page = visitor.visit()
    word = page.get_by_text("Loading…")
    seen = "word => { let part = 1; for (let at = word; at; at = at.parentElement) part *= getComputedStyle(at).opacity; return part; }"
    eventually(lambda: word.evaluate(seen) == 1)


@pytest.mark.parametrize("is_stranger", [True, False])
def test_what_comes_later_is_asked_for_until_it_is_there(visits: Visits, alice: Person, is_stranger: bool) -> None:
    """The form to sign in, and here the emoji of what was said before."""
    room = alice.create_room()["id"]
    alice.post(room, "done :tada:")
    visitor = visits.of(None if is_stranger else alice)
    visitor.bears_failures = True
    refused: list[Route] = []

    def refuse_twice(route: Route) -> None:
        refused.append(route)
        route.abort() if len(refused) < 3 else route.continue_()

    visitor.context.route("**/deferred.js", refuse_twice)
    page = visitor.visit("/" if is_stranger else f"/r/{room}")
    page.get_by_label("Password", exact=True).wait_for() if is_stranger else page.get_by_text("done 🎉").wait_for()
    assert len(refused) > 2


def test_the_shell_of_who_is_signed_in_is_kept_by_nobody(server: Server, alice: Person) -> None:
    answer = get(server, "/", Cookie=f"chat_session={alice.token}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "data-cursor" in answer.text
    assert "data-cursor" not in get(server, "/").text
    assert "data-cursor" not in get(server, "/", Cookie="chat_session=wrong").text


def test_a_second_visit_takes_nothing_but_the_shell_anew(server: Server, visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.open().close()
    answers: list[tuple[str, bool]] = []

    def note(path: str, from_cache: bool) -> None:
        answers.append((path.rpartition("/")[2], from_cache))

    page = visitor.context.new_page()
    devtools = visitor.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.responseReceived", lambda event: note(urlsplit(event["response"]["url"]).path, event["response"]["fromDiskCache"]))
    page.goto(server.url)
    page.get_by_role("navigation", name="Rooms").wait_for()
    assert dict(answers)["bundle.js"] and dict(answers)["bundle.css"]


def test_the_pages_documents_are_reachable_from_it(visits: Visits, alice: Person) -> None:
    page = visits.of().visit()
    page.get_by_role("link", name="API").click()
    page.get_by_role("heading", name="The API").wait_for()


# Vendored libraries


def vendored(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([root / "bin/vendor", "--check"], capture_output=True, text=True, check=False)


def test_the_vendored_files_are_those_of_the_record() -> None:
    checked = vendored(ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("harm", ["altered", "missing", "added"])
def test_a_vendored_file_that_is_not_as_recorded_is_found(tmp_path: Path, harm: str) -> None:
    for part in ("bin/vendor", "chat/web/static/vendor", "tests/vendor"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part)
        else:
            shutil.copy(ROOT / part, tmp_path / part)
    assert vendored(tmp_path).returncode == 0
    lib = tmp_path / "chat/web/static/vendor/lib"
    harms: dict[str, Callable[[], object]] = {
        "altered": lambda: (lib / "htm.js").write_text((lib / "htm.js").read_text() + " "),
        "missing": (lib / "htm.js").unlink,
        "added": lambda: (lib / "other.js").write_text("let a;"),
    }
    harms[harm]()
    checked = vendored(tmp_path)
    assert checked.returncode == 1
    assert ("other.js" if harm == "added" else "htm.js") in checked.stdout


def test_each_vendored_library_is_recorded_with_version_licence_and_source() -> None:
    record = json.loads((ROOT / "chat/web/static/vendor/vendor.json").read_text())
    for library in record["libraries"]:
        assert library["version"] and library["licence"] in {"MIT", "Apache-2.0", "MPL-2.0"}
        assert library["name"] in library["source"]
        assert (ROOT / library["licence_file"]).stat().st_size > 500


def test_what_is_packed_is_what_was_there() -> None:
    asset = assets.asset("a.txt", b"hello " * 100)
    assert gzip.decompress(asset.packed["gzip"]) == asset.body
    first_visits = assets.asset("bundle.js", b"hello " * 100)
    assert list(first_visits.packed) == ["br", "gzip"]
    assert brotli.decompress(first_visits.packed["br"]) == asset.body
    assert assets.asset("a.txt", b"x").packed == {}
