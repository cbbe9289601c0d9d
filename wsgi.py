"""The application that gunicorn and `flask --app wsgi` load."""

import gc

from gevent import monkey

monkey.patch_all()
gc.disable()  # hundreds of modules are imported below, none is garbage: looking for some takes a quarter of the start

import os
import sys

from chat import create_app, loggers
from chat.config import LogSettings, Settings, WrongSetting

try:
    if not loggers.is_configured():  # gunicorn did it already, a command or another server did not
        loggers.configure(LogSettings.from_environ(os.environ))
    app = create_app(Settings.from_environ(os.environ))
except WrongSetting as error:
    sys.stderr.write(f"chat: {error}\n")
    sys.exit(3)  # gunicorn's code for a worker that cannot boot: it stops

gc.enable()
