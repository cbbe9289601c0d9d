"""The product with one more path, on which a worker shows its tail's bytes, its pid, and the number of pending redactions."""

import os

from flask import Response

from chat.live.hub import Hub
from wsgi import app


@app.get("/harness/tail")
def tail() -> Response:
    hub: Hub = app.extensions["chat"].hub
    shown = {"Worker": str(os.getpid()), "Erasing": str(len(hub.deletions))}
    return Response(b"".join(event.frame for event in hub.tail), headers=shown)


__all__ = ["app"]
