"""docs/words.md names files that exist, and each word once."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<words>\*\*.+?) \| (?P<meaning>.+?) \| (?P<places>.+?) \| (?P<others>.+?) \|$", re.MULTILINE)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((ROOT / "docs" / "words.md").read_text()))


def missing(places: str) -> list[str]:
    return [path for path in re.findall(r"`([\w./]+)`", places) if not (ROOT / path).is_file()]


def test_every_file_that_the_table_names_exists() -> None:
    assert len(rows()) > 30
    assert {row["words"]: absent for row in rows() if (absent := missing(row["places"]))} == {}


def test_every_row_names_a_file() -> None:
    assert [row["words"] for row in rows() if "`" not in row["places"]] == []


def test_every_word_has_one_row() -> None:
    words = [word for row in rows() for word in re.findall(r"\*\*(.+?)\*\*", row["words"])]
    assert sorted(words) == sorted(set(words))


def test_a_file_that_is_not_there_would_be_found() -> None:
    assert missing("`chat/live/hub.py`, `chat/live/whispers.py`") == ["chat/live/whispers.py"]
