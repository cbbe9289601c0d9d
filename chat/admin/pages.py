"""The operator's page: server-rendered, at the root of the admin listener and under /admin of the public one.

Everything but signing in is behind it; what changes anything is a POST of the page's own forms, and goes through Administration."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from chat.admin import actions, auth, formats, styles, views

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/", views.overview),
    ("GET", "/figures.json", views.figures),
    ("GET", "/rooms", views.rooms),
    ("GET", "/rooms/<id:room_id>/close", actions.room_to_close),
    ("POST", "/rooms/<id:room_id>/close", actions.close_room),
    ("GET", "/users", views.users),
    ("GET", "/users/<id:user_id>/ban", actions.user_to_ban),
    ("POST", "/users/<id:user_id>/ban", actions.ban),
    ("POST", "/users/<id:user_id>/unban", actions.unban),
    ("POST", "/users/<id:user_id>/end-sessions", actions.end_sessions),
    ("GET", "/streams", views.streams),
    ("GET", "/announcements", actions.announcements),
    ("POST", "/announcements", actions.announce),
    ("GET", "/audit", views.audit),
    ("GET", "/stop", views.stop),
    ("POST", "/stop", actions.stop_service),
    ("GET", "/sign-in", auth.to_overview),
    ("POST", "/sign-in", auth.sign_in),
    ("POST", "/sign-out", auth.sign_out),
    ("GET", "/static/admin.css", styles.stylesheet),
)


def make_blueprint() -> Blueprint:
    blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
    for method, rule, view in ROUTES:
        id_rule = rule.replace("<id:", "<int(max=9223372036854775807):")  # as large as an id can be
        blueprint.add_url_rule(id_rule, view.__name__, view, methods=[method])
    auth.guard(blueprint)
    formats.init_blueprint(blueprint)
    return blueprint


blueprint = make_blueprint()
