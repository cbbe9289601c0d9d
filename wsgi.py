"""The application that gunicorn and `flask --app wsgi` load."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402

from chat import create_app  # noqa: E402
from chat.config import Settings, WrongSetting  # noqa: E402

try:
    app = create_app(Settings.from_environ(os.environ))
except WrongSetting as error:
    print(f"chat: {error}", file=sys.stderr)
    sys.exit(3)  # gunicorn takes 3 for a worker that cannot boot, and stops
