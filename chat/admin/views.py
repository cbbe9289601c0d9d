"""The operator's views: overview, rooms, users, streams, audit log."""

import time
from typing import Any

from flask import Response, jsonify, render_template, request, url_for

from chat.admin import dashboard
from chat.api.auth import service
from chat.domain.validation import LARGEST_ID, ROOM_NAME_LENGTH
from chat.services.sample_history import KEPT_SECONDS

PAGE = 50
OUTCOMES = {
    "closed": "The room was shut down.",
    "over": "The room had ended before.",
    "banned": "The user is banned, and all sessions of the user have ended.",
    "unbanned": "The user may sign in again.",
    "ended": "The user's sessions have ended.",
}


def overview() -> str:
    context = dashboard.template_context(int(time.time()), service().sampler.by_worker(1))
    return _render("overview.html", "Overview", **context)


def figures() -> Response:
    by_worker = service().sampler.by_worker(_number("seconds", KEPT_SECONDS))
    return jsonify(dashboard.plot_data(int(time.time()), by_worker))


def rooms() -> str:
    page = service().administration.rooms(_searched_name(), _number("after", 0), PAGE)
    return _render("rooms.html", "Rooms", name=_searched_name(), rooms=page, next=_next_page(page))


def users() -> str:
    page = service().administration.users(_searched_name(), _number("after", 0), PAGE)
    return _render("users.html", "Users", name=_searched_name(), users=page, next=_next_page(page))


def streams() -> str:
    listed = service().administration.streams()
    by_worker = [(worker, [stream for stream in listed.streams if stream.worker == worker.worker]) for worker in listed.workers]
    return _render("streams.html", "Streams", whole=listed.whole, by_worker=by_worker)


def audit() -> str:
    entries = service().administration.audit_log(_number("before", LARGEST_ID), PAGE)
    older = url_for(".audit", before=entries[-1].id) if len(entries) == PAGE else None
    return _render("audit.html", "Audit log", entries=entries, next=older)


def stop() -> str:
    return _render("stop.html", "Stop")


def _render(template: str, title: str, **context: Any) -> str:
    return render_template(template, title=title, outcome=OUTCOMES.get(request.args.get("done", "")), **context)


def _next_page(page: list[Any]) -> str | None:
    """Returns the address of the next page, None on the last one."""
    if len(page) < PAGE:
        return None
    return url_for(str(request.endpoint), name=_searched_name() or None, after=page[-1].id)


def _searched_name() -> str:
    return request.args.get("name", "")[:ROOM_NAME_LENGTH]


def _number(name: str, default: int) -> int:
    """Returns the default if the parameter is no number, and the nearest possible id if it is out of range."""
    value = request.args.get(name, default, type=int)
    return min(LARGEST_ID, max(0, value))
