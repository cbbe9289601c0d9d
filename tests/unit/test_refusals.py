"""Refusals are one closed list with one table of problems, and every problem is documented."""

import ast
from pathlib import Path

import pytest

import chat
from chat import problems
from chat.api import problem_handlers
from chat.api import refusals as table
from chat.api.refusals import TABLE, problem_of
from chat.config import Settings
from chat.domain import refusals
from chat.domain.refusals import Refused
from chat.problems import CLOSED_LIST, Problem, SessionOver
from tests.harness.environment import product_settings

PACKAGE = Path(chat.__file__).parent
EXAMPLES: dict[type[Refused], Refused] = {
    refusals.TooManyAttempts: refusals.TooManyAttempts(7),
    refusals.NameTaken: refusals.NameTaken("lobby"),
    refusals.OverLimit: refusals.OverLimit("room"),
}


def kinds(of: type[Exception] = Refused) -> set[type[Exception]]:
    below = set(of.__subclasses__())
    return below.union(*map(kinds, below))


def test_every_kind_has_a_row_and_every_row_a_kind() -> None:
    assert kinds() == TABLE.keys()
    assert len(kinds()) > 20


def test_no_kind_has_two_rows() -> None:
    """A second row of a dictionary would silently take the place of the first."""
    tree = ast.parse(Path(table.__file__).read_text())
    (rows,) = (node.value for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "TABLE")
    assert isinstance(rows, ast.Dict)
    keys = [ast.unparse(key) for key in rows.keys if key is not None]
    assert len(keys) == len(set(keys)) == len(TABLE)


def test_a_kind_without_a_row_would_be_found() -> None:
    """Also one below another kind: a refusal is looked up by its own class."""

    class Root(Exception):
        pass

    class Known(Root):
        pass

    class Planted(Known):
        pass

    assert kinds(Root) - {Known} == {Planted}


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_kind_becomes_a_problem_that_names_no_fault_of_the_service(kind: type[Refused]) -> None:
    problem = problem_of(EXAMPLES.get(kind) or kind())
    assert type(problem) in CLOSED_LIST
    assert type(problem) is not Problem
    assert problem.document().detail


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_kind_says_what_it_means(kind: type[Refused]) -> None:
    assert kind.__module__ == "chat.domain.refusals"
    assert kind.__doc__
    assert kind.__doc__ != Refused.__doc__


def test_a_name_is_one_exception_in_the_whole_package() -> None:
    """Neither two kinds nor a kind and a problem share a name, so that whoever reads `raise` knows which is meant."""
    defined = [
        node.name
        for module in PACKAGE.rglob("*.py")
        if module.relative_to(PACKAGE).parts[0] not in ("terminal", "audit", "embedded", "cli")  # clients, and what starts servers
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    names = [kind.__name__ for kind in kinds()]
    assert len(names) == len(set(names))
    assert {name for name in names if defined.count(name) != 1} == set()


def test_services_and_use_cases_define_no_refusal_of_their_own() -> None:
    """What is left there are faults of what the service stands on, which nobody asked for."""
    faults = {"StoreFailed", "Missing", "Unfit", "Overdue"}  # of a store, a schema, the database
    defined = {
        node.name
        for folder in ("services", "usecases")
        for module in (PACKAGE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith(("Exception", "Refused", "Error")) for base in node.bases)
    }
    assert defined <= faults


def test_views_translate_no_refusal_by_hand() -> None:
    names = {kind.__name__ for kind in kinds()}
    caught = {
        f"{module.name}: {ast.unparse(node.type)}"
        for module in (PACKAGE / "api").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is not None and names & set(_words(node.type))
    }
    assert caught == set()


def _words(node: ast.expr) -> list[str]:
    return [
        inner.id if isinstance(inner, ast.Name) else inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute)
    ]


def test_every_problem_is_in_the_closed_list_under_a_name_of_its_own() -> None:
    defined = {error for error in vars(problems).values() if isinstance(error, type) and issubclass(error, Problem)}
    assert defined - {SessionOver} == set(CLOSED_LIST)  # it is `not-signed-in` to all but an EventSource
    assert len({problem.kind for problem in CLOSED_LIST}) == len(CLOSED_LIST)


def test_every_problem_is_documented_where_its_type_leads() -> None:
    nowhere = product_settings("postgresql://nowhere.invalid/chat", "redis://nowhere.invalid")
    page = chat.create_app(Settings.from_environ(nowhere)).test_client().get("/api/v1/docs").text
    for problem in CLOSED_LIST:
        arguments = (1.0,) if problem is problems.TooMany else ()
        assert f'id="{problem(*arguments).document().type.partition("#")[2]}"' in page, problem.kind
        assert problem.title in page.replace("&#39;", "'"), problem.kind


def test_the_handler_of_refusals_is_the_table() -> None:
    nowhere = product_settings("postgresql://nowhere.invalid/chat", "redis://nowhere.invalid")
    app = chat.create_app(Settings.from_environ(nowhere))

    @app.get("/refused")
    def refuse() -> str:
        raise refusals.TooManyAttempts(7)

    answer = app.test_client().get("/refused")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.content_type == problem_handlers.respond(problems.TooMany(7)).content_type
