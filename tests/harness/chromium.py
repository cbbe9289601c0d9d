"""Which Chromium the tests drive: Debian's headless shell, a third of the whole browser's work; the whole browser where only that is."""

import shutil

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium-headless-shell"
ARGUMENTS = ["--no-sandbox"]  # in a container, as root, there is none to be had
