"""`python -m chat.cli.web`: checks the settings and becomes gunicorn.

gunicorn.conf.py checks them too, but gunicorn itself reads WEB_CONCURRENCY before, and ends with a traceback if it is no number."""

import os
import sys

from chat import startup

GUNICORN = ("gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")

if __name__ == "__main__":
    startup.settings()
    startup.check_descriptors()
    os.execvp(GUNICORN[0], (*GUNICORN, *sys.argv[1:]))
