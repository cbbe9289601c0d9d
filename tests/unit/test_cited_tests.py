"""A page that cites a test cites one that exists."""

import re
from pathlib import Path

import pytest

from tests.harness.server import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CITED = re.compile(r"\b(?:tests/)?((?:unit|api|live|page|terminal|admin|files|operations)/test_\w+\.py)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tests_that_a_page_cites_exist(page: Path) -> None:
    assert [cited for cited in CITED.findall(page.read_text()) if not (ROOT / "tests" / cited).exists()] == []


def test_the_page_about_the_tests_cites_some() -> None:
    assert len(CITED.findall((ROOT / "docs" / "testing.md").read_text())) > 20
