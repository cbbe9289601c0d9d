"""The admin interface: an application of its own, beside the public one. Nothing in it answers without a key but the page's own door."""

from flask import Flask, request

from chat.admin import api, pages
from chat.api import api_keys, problems
from chat.service import Service

BASE = "/api/v1"


def create_admin(service: Service) -> Flask:
    """Starts no greenlet and opens no connection."""
    app = Flask("chat.admin", static_folder=None)
    app.secret_key = service.settings.secret_key or None
    app.extensions["chat"] = service
    problems.init_app(app)
    app.before_request(_admit)
    app.register_blueprint(api.blueprint, url_prefix=BASE)
    app.register_blueprint(pages.blueprint)
    return app


def _admit() -> None:
    """Also for an address that is none: whoever has no key learns nothing here. The pages have a door of their own."""
    if request.blueprint != pages.blueprint.name:
        api_keys.require_key()
