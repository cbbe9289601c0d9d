"""What an operator looks at."""

import time
from typing import Any

from flask import Response, jsonify, render_template, request, url_for

from chat.admin import dashboard
from chat.admin.auth import service
from chat.domain.validation import LARGEST_ID, ROOM_NAME_LENGTH
from chat.services.samples import KEPT_SECONDS
from chat.usecases.administration import Administration

PAGE = 50
DONE = {
    "closed": "The room was shut down.",
    "over": "The room had ended before.",
    "banned": "The user is banned, and all its sessions have ended.",
    "unbanned": "The user may sign in again.",
    "ended": "The user's sessions have ended.",
}


def overview() -> str:
    return _show("overview.html", "Overview", **dashboard.context(int(time.time()), service().sampler.by_worker(1)))


def figures() -> Response:
    newest = service().sampler.by_worker(_number("seconds", KEPT_SECONDS))
    return jsonify(dashboard.drawn(int(time.time()), newest))


def rooms() -> str:
    found = _administration().rooms(_sought(), _number("after", 0), PAGE)
    return _show("rooms.html", "Rooms", name=_sought(), rooms=found, next=_next(found))


def users() -> str:
    found = _administration().users(_sought(), _number("after", 0), PAGE)
    return _show("users.html", "Users", name=_sought(), users=found, next=_next(found))


def streams() -> str:
    found = _administration().streams()
    by_worker = [(worker, [stream for stream in found.streams if stream.worker == worker.worker]) for worker in found.workers]
    return _show("streams.html", "Streams", found=found, by_worker=by_worker)


def audit() -> str:
    entries = _administration().audit_log(_number("before", LARGEST_ID), PAGE)
    older = url_for(".audit", before=entries[-1].id) if len(entries) == PAGE else None
    return _show("audit.html", "Audit log", entries=entries, next=older)


def stop() -> str:
    return _show("stop.html", "Stop")


def _show(template: str, title: str, **more: Any) -> str:
    return render_template(template, title=title, done=DONE.get(request.args.get("done", "")), **more)


def _next(found: list[Any]) -> str | None:
    """Where the list goes on."""
    if len(found) < PAGE:
        return None
    return url_for(str(request.endpoint), name=_sought() or None, after=found[-1].id)


def _sought() -> str:
    return request.args.get("name", "")[:ROOM_NAME_LENGTH]


def _number(name: str, default: int) -> int:
    """What is no number, or none that an id can be, is taken for the nearest that is."""
    given = request.args.get(name, default, type=int)
    return min(LARGEST_ID, max(0, given))


def _administration() -> Administration:
    return service().administration
