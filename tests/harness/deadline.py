"""Waits for a condition, never for a time. It is the only place in the tests that sleeps, between two checks."""

import time
from collections.abc import Callable
from typing import TypeVar

FIRST_REST_SECONDS = 0.02
LONGEST_REST_SECONDS = 0.2
GROWTH = 1.5  # of each rest over the one before: a slow thing is checked less often, because a check takes time from it

Thing = TypeVar("Thing")


class Deadline:
    """A moment that several waits share."""

    def __init__(self, within: float) -> None:
        self.within = within
        self._end = time.monotonic() + within

    def remaining(self) -> float:
        """Returns the seconds left. Raises TimeoutError if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"not within {self.within:g} s")
        return left


def eventually(check: Callable[[], Thing], within: float = 10.0) -> Thing:
    """Returns the first true result of `check`. Past the deadline it raises the last AssertionError, or one that names the check."""
    end = time.monotonic() + within
    rest = FIRST_REST_SECONDS
    while True:
        last = _try(check)
        if not isinstance(last, AssertionError) and last:
            return last
        if time.monotonic() > end:
            raise _too_late(check, last, within)
        time.sleep(rest)
        rest = min(rest * GROWTH, LONGEST_REST_SECONDS)


def _try(check: Callable[[], Thing]) -> Thing | AssertionError:
    try:
        return check()
    except AssertionError as not_yet:
        return not_yet


def _too_late(check: Callable[[], object], last: object, within: float) -> AssertionError:
    name = getattr(check, "__name__", repr(check))
    return AssertionError(f"{name} not within {within:g} s; the last answer was {last!r}")
