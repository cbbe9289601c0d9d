"""The application that gunicorn and `flask --app wsgi` load."""

import gc

from gevent import monkey

monkey.patch_all()
gc.disable()  # hundreds of modules are imported below, none is garbage: looking for some takes a quarter of the start

import os
import sys

from chat import create_app
from chat.config import Settings, WrongSetting

try:
    app = create_app(Settings.from_environ(os.environ))
except WrongSetting as error:
    sys.stderr.write(f"chat: {error}\n")
    sys.exit(3)  # gunicorn's code for a worker that cannot boot: it stops

gc.enable()
