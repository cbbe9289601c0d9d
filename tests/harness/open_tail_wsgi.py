"""The product with one more address, where a worker shows every byte that its tail holds and who it is."""

import os

from flask import Response

from chat.live.hub import Hub
from wsgi import app


@app.get("/harness/tail")
def tail() -> Response:
    hub: Hub = app.extensions["chat"].hub
    return Response(b"".join(event.frame for event in hub.tail._events), headers={"Worker": str(os.getpid())})


__all__ = ["app"]
