"""The Chromium that the tests drive: Debian's headless shell (a third of the work), or else the whole browser."""

import shutil

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium-headless-shell"
ARGUMENTS = ["--no-sandbox"]  # root in a container has no sandbox
