"""The page's modules import one way: text and core at the bottom, live over them, then the folders of ui, and the entries on top.

Each folder lists which other folders it may import. An import that is not listed fails. `import()` is exempt: it loads later."""

from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from chat.web.assets import ENTRY, STATIC
from chat.web.bundle import NotUnderstood, imports_of, in_order

DEFERRED = "app/deferred_parts.js"
RULES = {
    "vendor": "",
    "app/text": "vendor",
    "app/core": "vendor",
    "app/live": "app/core app/text",
    "app/ui/common": "vendor app/core app/live",
    "app/ui/notifications": "vendor app/core app/text",
    "app/ui/people": "vendor app/core app/ui/common app/ui/notifications",
    "app/ui/composer": "vendor app/core app/text app/ui/common app/ui/people",
    "app/ui/messages": "vendor app/core app/live app/text app/ui/common app/ui/people app/ui/composer",
    "app/ui/rooms": "vendor app/core app/ui/common app/ui/notifications app/ui/people app/ui/composer app/ui/messages",
    "app/ui": "vendor app/core app/ui/common app/ui/notifications app/ui/people app/ui/messages app/ui/rooms",
    "app": "vendor app/core app/live app/ui app/ui/composer app/ui/messages app/ui/notifications app/ui/people app/ui/rooms",
}
ALLOWED = {folder: frozenset(others.split()) for folder, others in RULES.items()}
SOURCES = {path.relative_to(STATIC).as_posix(): path.read_text() for path in STATIC.rglob("*.js")}
MODULES = sorted(path for path in SOURCES if path.startswith("app/"))


def folder_of(path: str) -> str:
    """The module's folder, with all of vendor as one."""
    return "vendor" if path.startswith("vendor/") else PurePosixPath(path).parent.as_posix()


def wrong_arrows(path: str, source: str) -> list[str]:
    folder = folder_of(path)
    return [target for target in imports_of(path, source) if folder_of(target) not in ALLOWED[folder] | {folder}]


def unused_arrows(sources: Mapping[str, str]) -> set[tuple[str, str]]:
    """Pairs of folders that a rule allows and no module needs."""
    used = {(folder_of(path), folder_of(target)) for path, source in sources.items() for target in imports_of(path, source)}
    return {(folder, other) for folder, others in ALLOWED.items() for other in others} - used


def test_every_folder_has_a_rule_and_every_rule_a_folder() -> None:
    assert {folder_of(path) for path in SOURCES} == RULES.keys()


@pytest.mark.parametrize("path", MODULES)
def test_imports_run_one_way(path: str) -> None:
    assert wrong_arrows(path, SOURCES[path]) == []


def test_the_rules_allow_no_arrow_that_nothing_needs() -> None:
    assert unused_arrows(SOURCES) == set()


def test_the_folders_form_no_circle() -> None:
    """Rules with a circle would make every arrow right."""
    settled: set[str] = set()
    while ready := {folder for folder, others in ALLOWED.items() if folder not in settled and others <= settled}:
        settled |= ready
    assert settled == RULES.keys()


def test_no_modules_import_each_other_in_a_circle() -> None:
    reached = {*in_order(ENTRY, SOURCES), *in_order(DEFERRED, SOURCES)}
    assert reached.issuperset(MODULES)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("app/core/store.js", "../live/shared_stream.js"),
        ("app/core/timeline.js", "../text/format.js"),
        ("app/core/rooms.js", "../ui/common/icon.js"),
        ("app/text/format.js", "../core/store.js"),
        ("app/live/sse.js", "../ui/common/toast_list.js"),
        ("app/live/sse.js", "../main.js"),
        ("app/ui/common/dialog.js", "../rooms/sidebar.js"),
        ("app/ui/people/member_list.js", "../messages/message.js"),
        ("app/ui/composer/composer.js", "../rooms/room_view.js"),
        ("app/ui/messages/message.js", "../app.js"),
    ],
)
def test_a_wrong_arrow_would_be_found(path: str, target: str) -> None:
    assert wrong_arrows(path, f'import {{ one }} from "{target}";\n')


@pytest.mark.parametrize(
    "sources",
    [
        {"app/main.js": 'import { a } from "./main.js";\n'},
        {
            "app/main.js": 'import { a } from "./a.js";\n',
            "app/a.js": 'import { b } from "./b.js";\n',
            "app/b.js": 'export { a } from "./a.js";\n',
        },
    ],
    ids=["itself", "each other"],
)
def test_a_circle_would_be_found(sources: dict[str, str]) -> None:
    with pytest.raises(NotUnderstood):
        list(in_order(ENTRY, sources))
