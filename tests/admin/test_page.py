"""The operator's pages: signing in, what each form does, and what a real browser shows."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from playwright.sync_api import Browser, Locator, Page

from chat.admin.session import COOKIE, SALT, SESSION_SECONDS
from tests.harness import http_client
from tests.harness.admin_browser import AdminBrowser
from tests.harness.deadline import eventually
from tests.harness.environment import SETTINGS
from tests.harness.operator import make_key, run_key
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.server import Server
from tests.harness.tables import execute
from tests.harness.workers import on_each_worker

WITHIN_SECONDS = 20.0
LOOKS = ["/", "/rooms", "/users", "/streams", "/announcements", "/audit", "/stop", "/figures.json", "/rooms/1/close", "/users/1/ban"]
ACTS = ["/rooms/1/close", "/users/1/ban", "/users/1/unban", "/users/1/end-sessions", "/announcements", "/stop", "/sign-out"]
MARKUP = '<img src=x onerror="document.title=1"> & <b>bold<'


@pytest.fixture
def browser(server: Server) -> Iterator[AdminBrowser]:
    """Nobody has signed in at it."""
    with AdminBrowser(server.admin_url) as browser:
        yield browser


@pytest.fixture
def olga(server: Server) -> Iterator[AdminBrowser]:
    with AdminBrowser.signed_in(server) as browser:
        yield browser


@pytest.fixture
def room(alice: Person) -> dict[str, Any]:
    return alice.create_room("lounge")


def lives(server: Server, room: dict[str, Any]) -> bool:
    return bool(execute(server.database_url, "SELECT FROM rooms WHERE id = :id AND ended_at IS NULL", {"id": room["id"]}))


def acts(server: Server) -> int:
    """The number of entries in the audit log."""
    count: int = execute(server.database_url, "SELECT count(*) FROM audit")[0][0]
    return count


# Who gets in


@pytest.mark.parametrize("path", LOOKS)
def test_whoever_has_shown_no_key_sees_the_sign_in_and_nothing_else(browser: AdminBrowser, room: dict[str, Any], path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 401
    assert 'name="key"' in answer.text
    assert room["name"] not in answer.text


@pytest.mark.parametrize("path", ACTS)
def test_whoever_has_shown_no_key_does_nothing(server: Server, browser: AdminBrowser, path: str) -> None:
    before = acts(server)
    assert browser.send(path, {"sure": "yes", "text": "hello", "to": "all"}).status_code == 401
    assert acts(server) == before


def test_a_wrong_key_does_not_get_in(browser: AdminBrowser) -> None:
    for key in ("", "chat_admin_wrong", "\0", "x" * 10_000):
        assert browser.sign_in(key).status_code == 403
    assert browser.get("/").status_code == 401


def test_a_key_for_rooms_does_not_get_in(server: Server, browser: AdminBrowser) -> None:
    answer = browser.sign_in(make_key(server, scope="rooms")["key"])
    assert answer.status_code == 403
    assert "scope rooms" in answer.text
    assert COOKIE not in answer.cookies


def test_a_key_that_has_ended_does_not_get_in(server: Server, browser: AdminBrowser) -> None:
    key = make_key(server)
    assert run_key(server, "end", str(key["id"])).exit_code == 0
    assert browser.sign_in(key["key"]).status_code == 403


def test_whose_key_is_ended_is_out_at_once(server: Server, browser: AdminBrowser) -> None:
    key = make_key(server)
    browser.sign_in(key["key"])
    assert browser.get("/rooms").status_code == 200
    assert run_key(server, "end", str(key["id"])).exit_code == 0
    assert [browser.get(path).status_code for path in ("/rooms", "/figures.json")] == [401, 401]


def test_whoever_signs_out_is_out(olga: AdminBrowser) -> None:
    assert olga.get("/").status_code == 200
    assert olga.send("/sign-out").status_code == 303
    assert olga.get("/").status_code == 401


class Earlier(TimestampSigner):
    """Signs as if the longest session had passed since."""

    def get_timestamp(self) -> int:
        return int(time.time()) - SESSION_SECONDS - 60


def test_a_visit_ends_after_twelve_hours_and_no_cookie_can_be_made_up(server: Server, browser: AdminBrowser) -> None:
    key_id = make_key(server)["id"]
    now = URLSafeTimedSerializer(SETTINGS["SECRET_KEY"], salt=SALT)
    old = URLSafeTimedSerializer(SETTINGS["SECRET_KEY"], salt=SALT, signer=Earlier)
    forged = URLSafeTimedSerializer("another key", salt=SALT)
    cookies = {"now": now.dumps(key_id), "old": old.dumps(key_id), "forged": forged.dumps(key_id), "plain": str(key_id), "none": ""}
    found = {}
    for name, cookie in cookies.items():
        browser.http.cookies = {COOKIE: str(cookie)}
        found[name] = browser.get("/").status_code
    assert found == {"now": 200, "old": 401, "forged": 401, "plain": 401, "none": 401}


def test_the_cookie_is_for_this_page_alone(server: Server, browser: AdminBrowser) -> None:
    key = make_key(server)["key"]
    with AdminBrowser(f"{server.url}/admin") as prefixed:
        cookies = [at.sign_in(key).headers["Set-Cookie"] for at in (browser, prefixed)]
    for cookie, path in zip(cookies, ("Path=/", "Path=/admin"), strict=True):
        parts = cookie.split("; ")
        assert {"HttpOnly", "SameSite=Strict", f"Max-Age={SESSION_SECONDS}", path} <= set(parts)


# Foreign pages

FOREIGN = [
    {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec_Fetch_Site": ""},
    {"Origin": "null", "Sec_Fetch_Site": ""},
    {"Origin": "", "Sec_Fetch_Site": "same-site"},
    {"Origin": "", "Sec_Fetch_Site": ""},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_a_foreign_page_does_nothing(
    server: Server, olga: AdminBrowser, alice: Person, room: dict[str, Any], headers: dict[str, str]
) -> None:
    before = acts(server)
    paths = [f"/rooms/{room['id']}/close", f"/users/{alice.id}/ban", f"/users/{alice.id}/end-sessions", "/announcements", "/stop"]
    for path in paths:
        assert olga.send(path, {"sure": "yes", "text": "hello", "to": "all"}, **headers).status_code == 403
    assert olga.send("/sign-out", None, **headers).status_code == 403
    assert acts(server) == before
    assert lives(server, room)


def test_a_foreign_page_signs_nobody_in(server: Server, browser: AdminBrowser) -> None:
    assert browser.sign_in(make_key(server)["key"], **FOREIGN[0]).status_code == 403
    assert browser.get("/").status_code == 401


def test_a_page_is_told_to_load_nothing_foreign_and_to_be_kept_and_framed_nowhere(olga: AdminBrowser) -> None:
    answers = [olga.get(path) for path in (*LOOKS[:8], "/static/plots.js", "/rooms/9999999/close", "/users/9999999/ban")]
    answers.append(olga.send("/stop", {}, Origin="https://evil.example"))
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


# Odd requests


@pytest.mark.parametrize(
    "path",
    [
        "/rooms?after=x",
        "/rooms?after=-1",
        "/rooms?after=99999999999999999999999",
        "/rooms?name=%00",
        "/rooms?name=%25_%ff",
        f"/rooms?name={'x' * 3000}",
        "/users?after=99999999999999999999999&name=%00",
        "/audit?before=-7",
        "/audit?before=99999999999999999999999",
        "/figures.json?seconds=-1",
        "/figures.json?seconds=99999999999999999999999",
        "/?done=%3Cscript%3E",
        "/announcements?done=%3Cscript%3E&room=%3Cscript%3E",
        "/announcements?done=99999999999999999999999",
    ],
)
def test_an_odd_address_is_taken_for_the_nearest_that_makes_sense(olga: AdminBrowser, path: str) -> None:
    answer = olga.get(path)
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/users/99999999/ban", "/users/99999999/unban", "/users/99999999/end-sessions"])
def test_an_act_on_nobody_says_so(olga: AdminBrowser, path: str) -> None:
    answer = olga.send(path)
    assert answer.status_code == 404
    assert "Nobody has that id" in answer.text


def test_an_id_that_none_can_be_is_not_found(olga: AdminBrowser) -> None:
    assert olga.get(f"/users/{2**63}/ban").status_code in (401, 404)
    assert olga.get(f"/users/{2**63 - 1}/ban").status_code == 404


def test_a_room_that_has_ended_already_is_no_failure(olga: AdminBrowser, room: dict[str, Any]) -> None:
    path = f"/rooms/{room['id']}/close"
    assert [olga.send(path).headers["Location"] for _ in range(2)] == ["/rooms?done=closed", "/rooms?done=over"]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"text": " ", "to": "all"}, "The text is empty"),
        ({"text": "x" * 20_000, "to": "all"}, "The text is 20000 bytes"),
        ({"text": "hello", "to": "rooms", "rooms": " , "}, "No rooms are named"),
        ({"text": "hello <b>", "to": "rooms", "rooms": "no such room"}, "There is no living room"),
    ],
)
def test_an_announcement_that_cannot_be_made_is_kept_in_the_form(
    server: Server, olga: AdminBrowser, form: dict[str, str], wrong: str
) -> None:
    before = acts(server)
    answer = olga.send("/announcements", form)
    assert answer.status_code == 400
    assert wrong in answer.text
    assert form["text"].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert acts(server) == before


def test_lists_go_on_where_a_page_ends(olga: AdminBrowser, alice: Person) -> None:
    prefix = unique("many")
    made = [alice.create_room(prefix)["name"] for _ in range(51)]
    first = olga.get(f"/rooms?name={prefix}")
    assert [f">{name}<" in first.text for name in made] == [True] * 50 + [False]
    more = first.text.split('href="/rooms?')[1].split('"')[0].replace("&amp;", "&")
    second = olga.get(f"/rooms?{more}")
    assert [f">{name}<" in second.text for name in made] == [False] * 50 + [True]


def test_a_form_that_is_too_large_or_has_too_many_fields_is_refused(browser: AdminBrowser) -> None:
    assert browser.sign_in("x" * 200_000).status_code == 413
    assert browser.send("/sign-in", {f"field {number}": "" for number in range(50)}).status_code == 400


# Stopping


def test_the_service_is_stopped_only_when_the_box_is_ticked(fresh_server: Server) -> None:
    with AdminBrowser.signed_in(fresh_server) as olga:
        assert olga.send("/stop").status_code == 400
        assert fresh_server.is_ready()
        eventually(lambda: all(f"{pid}" in olga.get("/streams").text for pid in fresh_server.worker_pids()), WITHIN_SECONDS)
        answer = olga.send("/stop", {"sure": "yes"})
        assert answer.status_code == 202
        assert "2 workers" in answer.text
    eventually(lambda: not fresh_server.is_running(), WITHIN_SECONDS)


# In a browser


@pytest.fixture(scope="module")
def visit(chromium: Browser, server: Server) -> Any:
    """The cookies of a signed-in browser."""
    context = chromium.new_context()
    sign_in(context.new_page(), server.admin_url, make_key(server)["key"])
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(chromium: Browser, visit: Any, server: Server) -> Iterator[Page]:
    """A signed-in page. A violation of its policy or an exception fails the test."""
    context = chromium.new_context(storage_state=visit)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(server.admin_url)
    yield opened
    context.close()
    assert complaints == []


def sign_in(page: Page, url: str, key: str) -> None:
    page.goto(url)
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def go(page: Page, way: Locator) -> None:
    """Clicks, and waits for the whole next page, so that the test does not look at the old one."""
    with page.expect_navigation():
        way.click()


def press(page: Page, button: str) -> None:
    go(page, page.get_by_role("button", name=button))


def follow(page: Page, view: str) -> None:
    go(page, page.get_by_role("navigation").get_by_role("link", name=view))


def search(page: Page, name: str) -> None:
    page.get_by_label("Name contains").fill(name)
    press(page, "Search")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_an_operator_finds_a_room_and_shuts_it_down(page: Page, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "hello")
    with bob.stream_room(room["id"]) as stream:
        stream.until(lambda frame: frame.id is not None)
        follow(page, "Rooms")
        search(page, room["name"])
        assert "open" in row(page, room["name"]).inner_text()
        go(page, page.get_by_role("link", name=f"Shut down {room['name']}"))
        press(page, "Shut down")
        assert "was shut down" in page.get_by_role("status").inner_text()
        assert [frame.event for frame in stream.until_closed()][-2:] == ["room_closed", "end"]
    assert alice.http.get(f"/api/v1/room/{room['id']}").status_code == 410
    follow(page, "Audit log")
    assert [room["name"] in text for text in page.get_by_role("row").all_inner_texts()[1:2]] == [True]


def test_an_operator_announces_in_one_room_and_in_all(page: Page, bob: Person, alice: Person) -> None:
    rooms = [alice.create_room()["id"] for _ in range(2)]
    follow(page, "Announce")
    page.get_by_label("Text").fill("to the first")
    page.get_by_label("Rooms, by id or name").fill(str(rooms[0]))
    press(page, "Announce")
    assert "Announced in 1 room." in page.get_by_role("status").inner_text()
    page.get_by_label("Text").fill("to all,\nof two lines")
    page.get_by_label("all rooms").check()
    press(page, "Announce")
    page.get_by_text("Announced in").wait_for()
    assert [bob.history(room) for room in rooms] == [["to the first", "to all,\nof two lines"], ["to all,\nof two lines"]]


def test_an_operator_bans_somebody_and_lets_them_in_again(server: Server, page: Page, alice: Person) -> None:
    def sign_in_again() -> int:
        return http_client.request("POST", f"{server.url}/api/v1/session", json={"name": alice.name, "password": PASSWORD}).status_code

    room = alice.create_room()["id"]
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.id is not None)
        follow(page, "Users")
        search(page, alice.name)
        go(page, page.get_by_role("link", name=f"Ban {alice.name}"))
        press(page, "Ban")
        page.get_by_text("is banned").wait_for()
        assert stream.until_closed()[-1].event == "end"
    assert sign_in_again() in (401, 403)
    search(page, alice.name)
    assert "banned" in row(page, alice.name).inner_text()
    press(page, f"Unban {alice.name}")
    page.get_by_text("may sign in again").wait_for()
    assert sign_in_again() == 201


def test_the_streams_of_all_workers_are_listed(server: Server, page: Page, alice: Person, room: dict[str, Any]) -> None:
    with ExitStack() as stack:
        on_each_worker(server, lambda: stack.enter_context(alice.stream_room(room["id"])))
        follow(page, "Streams")
        assert row(page, alice.name).count() == 2
        for line in row(page, alice.name).all_inner_texts():
            assert "sse" in line and f"room {room['id']}" in line and "127.0.0.1" in line


def post_anew(person: Person, room: int) -> None:
    with person.sign_in_again() as again:
        again.post(room, "hello")


DRAWN = """
field => Object.fromEntries(
    [...document.querySelectorAll(`path[data-field=${field}]`)].map(path => [path.dataset.worker, path.getAttribute("d")])
)
"""


def test_the_plots_draw_the_figures_of_both_workers(
    server: Server, page: Page, olga: AdminBrowser, alice: Person, room: dict[str, Any]
) -> None:
    with ExitStack() as stack:
        on_each_worker(server, lambda: stack.enter_context(alice.stream_room(room["id"])))
        on_each_worker(server, lambda: post_anew(alice, room["id"]))
        for field in ("streams", "posts", "deliveries", "delay_p50", "delay_p95", "backlog"):
            drawn = eventually(lambda field=field: both_drawn(page, field), WITHIN_SECONDS)  # type: ignore[misc]
            assert drawn.keys() == olga.figures().keys()
        told = eventually(lambda: page.locator("tbody tr").all_inner_texts(), WITHIN_SECONDS)
        assert len(told) == 2


def both_drawn(page: Page, field: str) -> dict[str, str]:
    """The drawn path of a figure by worker, once there are two."""
    paths: dict[str, str] = page.evaluate(DRAWN, field)
    return paths if len(paths) == 2 and all("L" in path for path in paths.values()) else {}


def test_arrow_keys_read_the_plots_and_escape_leaves_them(page: Page) -> None:
    plot = page.get_by_role("img", name="Streams by worker")
    eventually(lambda: both_drawn(page, "streams"), WITHIN_SECONDS)
    plot.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".tooltip:visible tr").count() == 2
    page.keyboard.press("Escape")
    assert page.locator(".tooltip:visible").count() == 0


def test_the_plots_stand_still_while_they_are_paused(page: Page) -> None:
    eventually(lambda: both_drawn(page, "streams"), WITHIN_SECONDS)
    page.get_by_role("button", name="Pause").click()
    assert "Paused at" in page.locator("[data-status]").inner_text()
    with page.expect_request(lambda request: "figures.json" in request.url):
        page.get_by_role("button", name="Resume").click()


def test_an_open_overview_leaves_when_its_key_is_ended(server: Server, chromium: Browser) -> None:
    key = make_key(server)
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, server.admin_url, key["key"])
    assert run_key(server, "end", str(key["id"])).exit_code == 0
    page.get_by_label("API key").wait_for(timeout=WITHIN_SECONDS * 1000)
    context.close()


def test_without_script_a_table_has_the_figures(server: Server, chromium: Browser, visit: Any, olga: AdminBrowser) -> None:
    eventually(lambda: len(olga.figures()) == 2)
    context = chromium.new_context(storage_state=visit, java_script_enabled=False)
    page = context.new_page()
    page.goto(server.admin_url)
    assert page.get_by_text("Reload for newer figures").is_visible()
    assert page.locator(".plots").is_hidden()
    assert page.locator("tbody tr").count() == 2
    context.close()


def test_names_with_markup_stay_text(server: Server, page: Page, alice: Person) -> None:
    name = unique(MARKUP)[:80]
    made = alice.http.post("/api/v1/rooms", json={"name": name})
    assert made.status_code == 201, made.text
    follow(page, "Rooms")
    search(page, name)
    assert row(page, name).count() == 1
    go(page, page.get_by_role("link", name=f"Shut down {name}"))
    assert name in page.get_by_role("heading").inner_text()
    assert page.locator("main img, main b").count() == 0
    assert page.title().startswith("Shut down")


def test_under_the_public_listeners_prefix_the_page_is_the_same(server: Server, chromium: Browser, room: dict[str, Any]) -> None:
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, f"{server.url}/admin/", make_key(server)["key"])
    assert eventually(lambda: both_drawn(page, "streams"), WITHIN_SECONDS)
    for view, heading in (("Rooms", "Rooms"), ("Users", "Users"), ("Audit log", "Audit log"), ("Stop", "Stop the service")):
        follow(page, view)
        page.get_by_role("heading", name=heading).wait_for()
        assert page.url.startswith(f"{server.url}/admin/")
    follow(page, "Rooms")
    search(page, room["name"])
    go(page, page.get_by_role("link", name=f"Shut down {room['name']}"))
    press(page, "Shut down")
    page.get_by_text("was shut down").wait_for()
    assert page.url.startswith(f"{server.url}/admin/rooms")
    context.close()
