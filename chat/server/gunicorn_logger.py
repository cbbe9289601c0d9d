"""gunicorn's logger: its lines go the way of the service's own. Its access log is never written: access_log.py writes better lines."""

import os
from typing import Any

from gunicorn import glogging

from chat import loggers
from chat.config import LogSettings


class GunicornLogger(glogging.Logger):  # type: ignore[misc]
    def setup(self, cfg: Any) -> None:
        """gunicorn's, without handlers of its own."""
        self.cfg = cfg
        self._access_log_enabled = False
        loggers.configure(LogSettings.from_environ({**os.environ, "LOG_LEVEL": cfg.loglevel}))
