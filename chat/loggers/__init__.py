"""One configuration of all loggers, for gunicorn, the service and the command line: what is written, by whom, and where to.

Lines go to stderr, access lines to stdout. Other libraries are heard from a warning on: their lower levels print what they handle."""

import logging
import sys
from logging.config import dictConfig
from types import TracebackType

from chat.config import LogSettings
from chat.loggers.lines import FORMATS
from chat.loggers.repeats import Repeats

ACCESS = "chat.access"

repeats = Repeats()


def configure(settings: LogSettings) -> None:
    """A second call replaces the first one's configuration."""
    access = {"level": "INFO" if settings.access_log else "CRITICAL", "handlers": ["access"], "propagate": False}
    own = {"level": settings.level.upper()}
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": FORMATS[settings.format]}},
            "filters": {"repeats": {"()": lambda: repeats}},
            "handlers": {
                "faults": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["repeats"]},
                "access": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"},
            },
            "root": {"level": "WARNING", "handlers": ["faults"]},
            "loggers": {"chat": own, "gunicorn": own, "gunicorn.error": {"propagate": True}, ACCESS: access},
        }
    )
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


def is_configured() -> bool:
    return sys.excepthook is _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python itself would print a failed statement's values."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("chat").critical("the process ends", exc_info=(kind, error, trace))
