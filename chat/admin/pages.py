"""The operator's pages: server-rendered, at the root of the admin listener and under /admin of the public one.

All but the sign-in need an operator's session. Every change is a POST of the pages' own forms and goes through Administration."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from chat.admin import actions, auth, filters, styles, views
from chat.domain.refusals import NoSuchUser

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/", views.overview),
    ("GET", "/figures.json", views.figures),
    ("GET", "/rooms", views.rooms),
    ("GET", "/rooms/<id:room_id>/close", actions.confirm_close),
    ("POST", "/rooms/<id:room_id>/close", actions.close_room),
    ("GET", "/users", views.users),
    ("GET", "/users/<id:user_id>/ban", actions.confirm_ban),
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
        id_rule = rule.replace("<id:", "<int(max=9223372036854775807):")  # the largest id
        blueprint.add_url_rule(id_rule, view.__name__, view, methods=[method])
    blueprint.register_error_handler(NoSuchUser, actions.no_such_user)
    auth.guard(blueprint)
    filters.init_blueprint(blueprint)
    return blueprint


blueprint = make_blueprint()
