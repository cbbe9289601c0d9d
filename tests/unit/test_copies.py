"""Rules that the page, the command line, SQL or the documentation repeat: each copy says the same as its source in Python."""

import ast
import re
from pathlib import Path

import pytest

from chat.domain import validation
from chat.domain.event import POSTED_KINDS
from chat.terminal import rendering, rooms
from tests.harness.server import ROOT

PAGE = "chat/web/static/app/**/*.js"
SQL = "chat/services/**/*.sql"


def copies(pattern: str, *folders: str) -> list[str]:
    """What the pattern's group says wherever it matches."""
    paths = [path for folder in folders for path in sorted(Path(ROOT).glob(folder))]
    return [match for path in paths for match in re.findall(pattern, path.read_text())]


@pytest.mark.parametrize(
    ("value", "pattern", "folders"),
    [
        (validation.MOST_HOURS, r"[Ww]ithin ([0-9]+) hours", ("chat/api/*.py", "docs/api.md")),
        (validation.MOST_HOURS, r"\(?([0-9]+) hours at most", ("README.md",)),
        (validation.MOST_HOURS, r"hours, at most ([0-9]+)", ("chat/domain/shapes/requests.py",)),
        (validation.MOST_HOURS, r"const ROOM_HOURS = ([0-9]+);", (PAGE,)),
        (validation.MOST_HOURS, r"min\(([0-9.]+), ROOM_HOURS", ("chat/audit/plan.py",)),
        (validation.TEXT_BYTES / 1024, r"const TEXT_BYTES = ([0-9]+) \* 1024;", (PAGE,)),
        (validation.TEXT_BYTES, r'name="text"[^>]* maxlength="([0-9]+)"', ("chat/admin/templates/*.html",)),
        (validation.TEXT_BYTES / 1024, r"text is at most ([0-9]+) KB", ("README.md",)),
        (validation.ABOUT_LENGTH, r"const ABOUT_LENGTH = ([0-9]+);", (PAGE,)),
        (validation.TOPIC_LENGTH, r"const TOPIC_LENGTH = ([0-9]+);", (PAGE,)),
        (validation.ROOM_NAME_LENGTH, r"const ROOM_NAME_LENGTH = ([0-9]+);", (PAGE,)),
        (validation.ROOM_NAME_LENGTH, r"room's name has 1 to ([0-9]+)", ("docs/api.md",)),
        (validation.USER_NAME_LENGTH, r"user's name has 1 to ([0-9]+)", ("docs/api.md",)),
        (validation.USER_NAME_LENGTH, r"@\(\[.*\]\{[01],([0-9]+)\}\)", (PAGE,)),
        (validation.PASSWORD_LENGTH[0], r"const PASSWORD_LENGTH = ([0-9]+);", (PAGE,)),
    ],
)
def test_a_number_is_the_same_in_every_copy(value: float, pattern: str, folders: tuple[str, ...]) -> None:
    found = copies(pattern, *folders)
    assert found, "no copy is left: remove its row"
    assert {float(copy) for copy in found} == {value}


def test_a_quote_is_as_long_on_the_page_as_from_the_service() -> None:
    assert len(set(copies(r"const QUOTED = ([0-9]+);", PAGE) + copies(r"left\(q\.text, ([0-9]+)\)", SQL))) == 1


def test_the_same_kinds_count_as_posted_everywhere() -> None:
    [on_the_page] = copies(r"const POSTED = new Set\((\[.*\])\)", PAGE)
    assert tuple(ast.literal_eval(on_the_page)) == POSTED_KINDS
    assert set(POSTED_KINDS) == rendering.POSTED


def test_the_command_line_takes_the_hours_of_the_service() -> None:
    assert rooms.MOST_HOURS == validation.MOST_HOURS
