"""How the styles are written: a file a component, named at its head; a declaration a line; and each file has its place in the cascade."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.admin import styles
from chat.web import assets, stylesheets

MOST_LINES = 150
ENTRIES = {
    assets.STATIC / "styles": [Path(entry).name for entry in assets.STYLES],
    styles.FOLDER: ["main.css"],
}
FILES = [(folder, path.relative_to(folder).as_posix()) for folder in ENTRIES for path in sorted(folder.rglob("*.css"))]
COMPONENTS = [(folder, name) for folder, name in FILES if name not in ENTRIES[folder]]

ELEMENTS = {"tokens", "base", "buttons", "document", "forms", "inputs", "utilities"}
SHARED = {"drawer", "placeholder", "segmented_control", "status_dot", "user_button"}  # several modules draw them
PARTS = {"countdown", "message_text", "quote"}  # of room_header.js and message.js

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
HEAD = re.compile(r"/\* (?P<components>\S.*?): \S[^\n]*\. \*/\n")  # /* .room, .room-header: what it is. */
SELECTORS = re.compile(r"(?P<selectors>[^{}]+)\{")
DECLARATION = re.compile(r" +[\w-]+: [^;{}]+;")
OTHER_LINES = re.compile(r" *[^;{}]+(?:,| \{)| *\}")  # of a selector, or a rule's end
FRAMES = re.compile(r"@keyframes [\w-]+ \{.*?\n\}", re.DOTALL)


def components(source: str) -> list[str]:
    """Which the head of a file names."""
    head = HEAD.match(source)
    return head["components"].split(", ") if head else []


def crowded_lines(source: str) -> list[str]:
    """Lines that are more or less than one declaration, one selector, or the end of a rule."""
    lines = COMMENT.sub("", source).splitlines()
    return [line for line in lines if line.strip() and not DECLARATION.fullmatch(line) and not OTHER_LINES.fullmatch(line)]


def selectors(source: str) -> Iterator[str]:
    """Of all rules, also of those in media queries."""
    rules = FRAMES.sub("", COMMENT.sub("", source)).replace("}", "}\n")
    for match in SELECTORS.finditer(rules):
        if not match["selectors"].strip().startswith("@"):
            yield from re.split(r",\s*(?![^(]*\))", match["selectors"].strip())


def strangers(source: str) -> list[str]:
    """Selectors that do not begin with a component of the file."""
    beginnings = [re.compile(rf"{re.escape(component)}(?![\w-])") for component in components(source)]
    return [selector for selector in selectors(source) if not any(beginning.match(selector) for beginning in beginnings)]


@pytest.mark.parametrize(("folder", "name"), COMPONENTS, ids=lambda part: Path(part).name)
def test_a_file_holds_its_component_a_declaration_a_line(folder: Path, name: str) -> None:
    source = (folder / name).read_text()
    assert components(source)
    assert list(selectors(source))
    assert strangers(source) == []
    assert crowded_lines(source) == []
    assert source.count("\n") <= MOST_LINES


@pytest.mark.parametrize("folder", ENTRIES, ids=lambda folder: folder.parents[1].name)
def test_a_component_has_one_file(folder: Path) -> None:
    owners = Counter(component for place, name in COMPONENTS if place == folder for component in components((folder / name).read_text()))
    assert [component for component, files in owners.items() if files > 1] == []


@pytest.mark.parametrize("folder", ENTRIES, ids=lambda folder: folder.parents[1].name)
def test_each_file_has_its_place_in_the_cascade(folder: Path) -> None:
    orders = {entry: stylesheets.imports_of(entry, (folder / entry).read_text()) for entry in ENTRIES[folder]}
    assert all(len(order) == len(set(order)) for order in orders.values())
    assert set().union(*orders.values()) == {name for place, name in COMPONENTS if place == folder}


def test_a_style_is_named_after_the_module_that_draws_it() -> None:
    modules = {path.stem for path in (assets.STATIC / "app").rglob("*.js")}
    styles_of_the_page = {Path(name).stem for folder, name in COMPONENTS if folder == assets.STATIC / "styles"}
    assert styles_of_the_page - modules == ELEMENTS | SHARED | PARTS


HEADED = "/* .room: the main part. */\n"


@pytest.mark.parametrize(
    "rule",
    [
        ".panel {\n  color: red;\n}\n",
        ".room-header {\n  color: red;\n}\n",
        ".room,\n.panel .room {\n  color: red;\n}\n",
        "@media (max-width: 44rem) {\n  .panel {\n    color: red;\n  }\n}\n",
    ],
)
def test_a_rule_of_another_component_would_be_found(rule: str) -> None:
    assert strangers(HEADED + rule)
    assert not strangers(HEADED + rule.replace(".panel .room", ".room b").replace(".panel", ".room").replace("-header", ".wide"))


@pytest.mark.parametrize(
    "line", [".room { color: red; }", "  color: red; margin: 0;", ".room { color: red;", "  color: red; }", "  color: red"]
)
def test_a_line_with_more_than_a_declaration_would_be_found(line: str) -> None:
    assert crowded_lines(f"{HEADED}{line}\n") == [line]


def test_a_file_without_its_component_named_would_be_found() -> None:
    assert components(HEADED) == [".room"]
    assert components(".room {\n  color: red;\n}\n") == components("/* The room. */\n") == []


def test_what_is_joined_is_what_its_readers_see_without_the_space_between() -> None:
    sources = {
        "styles/main.css": '/* The order. */\n@import "b.css";\n@import "a.css";\n',
        "styles/a.css": '/* .a: one. */\n\n.a,\n.b > i {\n  color: red;\n  content: " , { ";\n}\n',
        "styles/b.css": "@media (max-width: 44rem) {\n  .b :checked {\n    width: calc(1px + 2px);\n  }\n}\n",
    }
    expected = '@media (max-width: 44rem){.b :checked{width: calc(1px + 2px);}}.a,.b > i{color: red;content: " , { ";}'
    assert stylesheets.joined("styles/main.css", sources) == expected
