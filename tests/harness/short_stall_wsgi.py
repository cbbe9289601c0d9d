"""The product with half a second for a client to take a portion of a download."""

from chat.server import download
from wsgi import app

assert download.STALL_SECONDS > 1
download.STALL_SECONDS = 0.5

__all__ = ["app"]
