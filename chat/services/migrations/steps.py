"""The numbered steps: files `NNNN_what_it_does.sql` that bring a database of version NNNN - 1 to version NNNN.

Version 1 has no step: its databases were made before there was any. Their step is recorded as 0."""

import re
from dataclasses import dataclass
from pathlib import Path

FIRST_VERSION = 1
OUTSIDE = re.compile(r"^-- outside a transaction$", re.MULTILINE)
COMPATIBLE = re.compile(r"^-- compatible from version (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    sql: str

    @property
    def is_outside(self) -> bool:
        """Whether it runs outside a transaction, statement by statement, as a concurrent index must."""
        return bool(OUTSIDE.search(self.sql))

    @property
    def compatible_from(self) -> int:
        """The lowest version of the service that may run once this step has begun. Without a word: only those that know the step."""
        found = COMPATIBLE.search(self.sql)
        return int(found[1]) if found else self.number

    @property
    def statements(self) -> list[str]:
        """Of a step outside a transaction, which has a blank line between its statements."""
        paragraphs = (paragraph.strip() for paragraph in re.split(r"\n\s*\n", self.sql))
        return [paragraph for paragraph in paragraphs if not re.fullmatch(r"(--.*\n?)*", paragraph)]


def read(folder: Path) -> list[Step]:
    """All steps in their order."""
    matches = [(re.match(r"(\d+)_", path.name), path) for path in folder.glob("*.sql")]
    return sorted((Step(int(match[1]), path.read_text()) for match, path in matches if match), key=lambda step: step.number)


def newest(steps: list[Step]) -> int:
    return max((step.number for step in steps), default=FIRST_VERSION)


def compatible_from(steps: list[Step], version: int) -> int:
    """The lowest version of the service that may run on a database of this version."""
    return max((step.compatible_from for step in steps if step.number <= version), default=FIRST_VERSION)
