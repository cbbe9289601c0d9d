"""What is checked before anything forks. Each thing that is wrong is one line on stderr, and the exit code is 3.

3 is gunicorn's code of a worker that cannot boot, too."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

from chat import descriptors
from chat.config import Settings, WrongSetting

CANNOT_START = 3


@cache
def settings() -> Settings:
    """The settings of this process. gunicorn's master reads them, and its workers inherit them."""
    try:
        return Settings.from_environ(os.environ)
    except WrongSetting as wrong:
        _stop(wrong.lines)


def check_descriptors() -> None:
    if line := descriptors.too_few():
        _stop([line])


def _stop(lines: Sequence[str]) -> NoReturn:
    sys.stderr.writelines(f"chat: {line}\n" for line in lines)
    sys.exit(CANNOT_START)
