"""The admin interface: an application beside the public one. Every request needs an API key; the pages have a sign-in of their own."""

from flask import Flask, request

from chat.admin import api, pages
from chat.api import api_keys, deadline, problem_handlers
from chat.wiring import Service

BASE = "/api/v1"


def create_admin(service: Service) -> Flask:
    """Starts no greenlet and opens no connection."""
    app = Flask("chat.admin", static_folder=None)
    app.secret_key = service.settings.secret_key
    app.extensions["chat"] = service
    problem_handlers.init_app(app)
    deadline.init_app(app, service.settings.request_seconds)
    app.before_request(_require_key)
    app.register_blueprint(api.blueprint, url_prefix=BASE)
    app.register_blueprint(pages.blueprint)
    return app


def _require_key() -> None:
    """Unknown addresses need a key too: without one, a caller learns nothing. The pages check their own sign-in."""
    if request.blueprint != pages.blueprint.name:
        api_keys.require_key()
