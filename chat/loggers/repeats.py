"""Repeats of a fault: the first is written at once, those of the next minute are counted, and the count is written after it."""

import copy
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic, time
from traceback import walk_tb

from chat.loggers.faults import kind_of
from chat.loggers.lines import message_of

WINDOW_SECONDS = 60.0
FAULTS = 200  # counted at a time; past it all counts are written early

Fault = tuple[object, ...]


@dataclass(slots=True)
class Counted:
    """since: when the window began. first: of the records that were not written, as it would have been."""

    since: float
    times: int = 0
    first: logging.LogRecord | None = None


class Repeats(logging.Filter):
    """Lets through the first warning or error of a kind. Lower levels are no faults, and all pass."""

    def __init__(self) -> None:
        super().__init__()
        self._faults: dict[Fault, Counted] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or hasattr(record, "repeated"):
            return True
        self.write_counts()
        fault = tuple(_fault(record))
        counted = self._faults.get(fault)
        if counted is None:
            self._faults[fault] = Counted(monotonic())
            return True
        counted.times, counted.first = counted.times + 1, counted.first or _without_values(record)
        return False

    def write_counts(self, *, all_: bool = False) -> None:
        """Of the windows that are over, or of all."""
        all_ = all_ or len(self._faults) > FAULTS
        for fault, counted in list(self._faults.items()):
            seconds = monotonic() - counted.since
            if all_ or seconds >= WINDOW_SECONDS:
                self._faults.pop(fault, None)
                if counted.first is not None:
                    _write(counted.first, counted.times, seconds)

    def clear(self) -> None:
        """Of a process that was forked: what its parent counted is the parent's to write."""
        self._faults.clear()


def _without_values(record: logging.LogRecord) -> logging.LogRecord:
    """An exception would keep all that its frames refer to."""
    bare = copy.copy(record)
    bare.msg, bare.args, bare.exc_info = message_of(record), (), None
    return bare


def _write(record: logging.LogRecord, times: int, seconds: float) -> None:
    record.msg = f"{record.msg} ({times} times more in {seconds:.0f} s)"
    record.created = time()
    record.__dict__["repeated"] = times
    logging.getLogger(record.name).handle(record)


def _fault(record: logging.LogRecord) -> Iterator[object]:
    """What makes two records one fault: the logger, the template, the names in it, the kinds of exceptions and the way to them."""
    yield from (record.name, record.levelno, record.msg if isinstance(record.msg, str) else type(record.msg))
    for argument in record.args if isinstance(record.args, tuple) else ():
        yield kind_of(argument) if isinstance(argument, BaseException) else argument if isinstance(argument, str) else ""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        yield kind_of(error)
        yield from ((frame.f_code, line) for frame, line in walk_tb(error.__traceback__))
