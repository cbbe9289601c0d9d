"""Imports run one way: domain, services and live beside each other, use cases over both, and on top what faces the outside.

Each part is told which other parts it may know, and of libraries what it may use: what is not listed is a wrong arrow."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import chat
from chat.config import Settings
from tests.harness.environment import product_settings

PACKAGE = Path(chat.__file__).parent
RAISED_BY_STORES = frozenset(
    {"redis.RedisError", "redis.exceptions", "sqlalchemy.exc"}
)  # what a caller is told when the record or the log is away
PURE = frozenset(
    {
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "itertools",
        "operator",
        "re",
        "typing",
        "unicodedata",
        "urllib",
    }
)  # of urllib its parse


@dataclass(frozen=True)
class Rule:
    """parts: of chat; libraries: dotted beginnings of what may be imported; standard: None for the whole standard library."""

    parts: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()
    standard: frozenset[str] | None = None


def rule(parts: str = "", libraries: str = "", more: frozenset[str] = frozenset(), standard: frozenset[str] | None = None) -> Rule:
    return Rule(frozenset(parts.split()), frozenset(libraries.split()) | more, standard)


RULES = {
    "domain": rule(libraries="msgspec", standard=PURE),
    "audit/checker": rule(standard=PURE),
    "audit": rule(libraries="click h11 httpx rich"),
    "addresses": rule(standard=frozenset({"dataclasses", "ipaddress", "socket", "typing"})),
    "descriptors": rule(standard=frozenset({"resource", "sys"})),
    "config": rule("addresses", standard=PURE),
    "startup": rule("config descriptors"),
    "version": rule(standard=PURE),
    "loggers": rule("config", "psycopg2 redis.exceptions sqlalchemy.exc"),
    "problems": rule("domain", standard=PURE),
    "services": rule("domain", "PIL argon2 botocore flask_sqlalchemy gevent limits prometheus_client psycopg2 redis sqlalchemy urllib3"),
    "live": rule("domain", "gevent msgspec", RAISED_BY_STORES),
    "usecases": rule("domain services live", "gevent sqlalchemy.Engine", RAISED_BY_STORES),
    "upkeep": rule("domain services live usecases", "gevent sqlalchemy.Engine sqlalchemy.pool", RAISED_BY_STORES),
    "wiring": rule("config domain services live usecases upkeep", "sqlalchemy.Engine"),
    "server": rule(
        "addresses config descriptors domain loggers problems services live wiring",
        "flask gevent gunicorn msgspec prometheus_client werkzeug",
        RAISED_BY_STORES,
    ),
    "api": rule(
        "domain loggers problems services live usecases wiring server version",
        "flask flask_login gevent msgspec werkzeug",
        RAISED_BY_STORES,
    ),
    "admin": rule("api domain problems server wiring services usecases version web", "flask itsdangerous msgspec werkzeug"),
    "web": rule("problems api", "brotli flask gevent"),
    "embedded": rule(libraries="psycopg2"),
    "cli": rule("addresses config loggers startup services embedded", "click flask sqlalchemy.Engine", RAISED_BY_STORES),
    "terminal": rule("audit version", "click httpx prompt_toolkit rich"),
    "application": rule("addresses admin config server services wiring api web cli", "flask werkzeug"),
    "__init__": rule("application"),
}


def part_of(module: Path) -> str:
    """The folder or the file right under chat, or a module with a rule of its own."""
    inner = module.relative_to(PACKAGE).with_suffix("").as_posix()
    return inner if inner in RULES else inner.partition("/")[0]


def imported(source: str) -> Iterator[str]:
    """Dotted names, as far as an import says them: `from a import b` is a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports say where from"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_wrong(name: str, part: str, allowed: Rule) -> bool:
    first, _, rest = name.partition(".")
    if first == "chat":
        return rest.split(".")[0] not in allowed.parts | {part}
    if first == "_typeshed":
        return False
    if first in sys.stdlib_module_names:
        return allowed.standard is not None and first not in allowed.standard
    return not any(name == library or name.startswith(f"{library}.") for library in allowed.libraries)


def wrong_arrows(part: str, source: str) -> list[str]:
    return [name for name in imported(source) if is_wrong(name, part, RULES[part])]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_every_part_has_a_rule_and_every_rule_a_part() -> None:
    assert {part_of(module) for module in modules()} == RULES.keys()


@pytest.mark.parametrize("module", modules(), ids=lambda module: str(module.relative_to(PACKAGE)))
def test_imports_run_one_way(module: Path) -> None:
    assert wrong_arrows(part_of(module), module.read_text()) == []


def test_the_parts_form_no_circle() -> None:
    """Rules that allowed one would make every arrow right."""
    settled: set[str] = set()
    while ready := {part for part, allowed in RULES.items() if part not in settled and allowed.parts <= settled}:
        settled |= ready
    assert settled == RULES.keys()


@pytest.mark.parametrize("module", modules(), ids=lambda module: str(module.relative_to(PACKAGE)))
def test_no_import_hides_in_a_function(module: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef)]
    inner = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in inner] == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("domain", "import socket"),
        ("audit/checker", "import asyncio"),
        ("audit/checker", "from chat.audit.readers import Reader"),
        ("audit", "import gevent"),
        ("domain", "import time"),
        ("domain", "import gevent"),
        ("domain", "from flask import request"),
        ("domain", "from chat.services import events"),
        ("domain", "from chat import problems"),
        ("problems", "from chat.live.hub import Hub"),
        ("services", "from flask import request"),
        ("services", "from chat.live.hub import Hub"),
        ("services", "from chat.usecases.writer import Writer"),
        ("live", "from flask import g"),
        ("live", "from sqlalchemy import text"),
        ("live", "import sqlalchemy"),
        ("live", "from redis import Redis"),
        ("live", "from chat.services import events"),
        ("usecases", "from sqlalchemy import select"),
        ("usecases", "from chat.api import auth"),
        ("usecases", "def late() -> None:\n    from flask import request"),
        ("usecases", "from chat.upkeep.purge import Purge"),
        ("upkeep", "from flask import request"),
        ("server", "from chat.api import auth"),
        ("api", "from sqlalchemy import text"),
        ("api", "import chat.cli.serve"),
        ("cli", "from chat.usecases.writer import Writer"),
        ("admin", "from sqlalchemy import text"),
        ("terminal", "from chat.services import events"),
        ("terminal", "import flask"),
        ("embedded", "from chat.config import Settings"),
    ],
)
def test_a_wrong_arrow_would_be_found(part: str, source: str) -> None:
    assert wrong_arrows(part, source)


VIEWS = ("api", "admin", "web")
WRITES = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE \{?\w+\}? (\w+ )?SET|post_messages)\b")
WRITERS = frozenset({"insert", "update", "delete", "begin", "run"})  # SQLAlchemy's, and run of services/database.py


def is_writing(node: ast.AST) -> bool:
    """SQL that writes, a statement of SQLAlchemy that does, or the beginning of a transaction."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(WRITES.search(node.value))
    return isinstance(node, ast.Call) and name_of(node.func) in WRITERS


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def writing_functions(sources: Mapping[str, str]) -> set[tuple[str, str]]:
    """(module, name) of all that writes: itself, by a constant of its module, or by what it calls."""
    bodies = {(module, name): body for module, source in sources.items() for name, body in definitions(ast.parse(source))}
    writing = {key for key, body in bodies.items() if any(map(is_writing, ast.walk(body)))}
    while more := {key for key, body in bodies.items() if key not in writing and calls_one_of(writing, key[0], body)}:
        writing |= more
    return writing


def definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The functions of a module and the values of its constants, without the docstrings."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, ast.Module(node.body[bool(ast.get_docstring(node)) :], [])
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def calls_one_of(writing: set[tuple[str, str]], module: str, body: ast.AST) -> bool:
    own = {(module, node.id) for node in ast.walk(body) if isinstance(node, ast.Name)}
    others = {(name_of(node.value), node.attr) for node in ast.walk(body) if isinstance(node, ast.Attribute)}
    return bool(writing & (own | others))


@cache
def writing_services() -> set[tuple[str, str]]:
    """database.py runs the statements of others: whoever writes one, or calls its `run`, writes."""
    modules = {path for path in (PACKAGE / "services").rglob("*.py") if path.name != "database.py"}
    return writing_functions({module.stem: module.read_text() for module in modules})


def wrong_calls(source: str) -> set[str]:
    """An engine for transactions, or a function of a service that writes, in a view."""
    names = {name.rpartition(".") for name in imported(source) if name.startswith("chat.services.")}
    functions = {(module.rpartition(".")[2], name) for module, _, name in names}
    modules = {name for _, _, name in names}
    attributes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    used = {(node.value.id, node.attr) for node in attributes if isinstance(node.value, ast.Name) and node.value.id in modules}
    engines = {ast.unparse(node) for node in attributes if node.attr == "engine"}
    return {".".join(function) for function in (functions | used) & writing_services()} | engines


@pytest.mark.parametrize("module", [m for m in modules() if part_of(m) in VIEWS], ids=lambda module: str(module.relative_to(PACKAGE)))
def test_no_view_writes_through_a_service(module: Path) -> None:
    assert wrong_calls(module.read_text()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "service().engine.begin()",
        "from chat.services import users\nusers.set_about(service().reads, 7, 'hello')",
        "from chat.services import avatars\ndef view():\n    avatars.remove(service().reads, 7)",
        "from chat.services.read_markers import mark",
        "from chat.services import conversations\nconversations.begin(engine, 1, 2)",
        "from chat.services import memberships\nmemberships.leave(engine, 1, 2)",
        "from chat.services.files import removal\nremoval.remove_reserved(engine, store, reserved)",
    ],
)
def test_a_view_that_writes_would_be_found(source: str) -> None:
    assert wrong_calls(source)


def test_what_only_reads_is_not_taken_for_writing() -> None:
    writing = writing_services()
    assert not writing & {("users", "find"), ("rooms", "find"), ("history", "message"), ("avatars", "find"), ("memberships", "pair")}
    assert {("events", "append"), ("posting", "commit"), ("memberships", "join"), ("sessions", "end_all")} <= writing


def test_making_the_application_opens_no_connection() -> None:
    """There is nobody at these addresses."""
    nowhere = product_settings("postgresql://nowhere.invalid/chat", "redis://nowhere.invalid")
    assert chat.create_app(Settings.from_environ(nowhere)).url_map
