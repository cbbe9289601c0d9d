"""create_app: one Flask application from the parts of a worker."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chat import api, web
from chat.addresses import client_address
from chat.admin import create_admin
from chat.admin.dispatcher import Dispatcher
from chat.cli import database
from chat.config import Settings
from chat.server.request_id import RequestIds
from chat.services.database import engine_options, wait_with_gevent
from chat.services.models import db
from chat.wiring import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(settings: Settings) -> Flask:
    """The application. Starts no greenlet and opens no connection."""
    app = Flask("chat", static_folder=None)
    app.secret_key = settings.secret_key
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options()
    wait_with_gevent()
    db.init_app(app)
    with app.app_context():
        app.extensions["chat"] = Service(settings, db.engine)
    api.init_app(app)
    web.init_app(app)
    database.init_app(app)
    admin = create_admin(app.extensions["chat"]).wsgi_app
    listener = RequestIds(admin, trusted=False)  # no proxy is in front of it
    hops = settings.proxy_hops
    dispatcher = Dispatcher(_behind_proxies(app.wsgi_app, hops), listener, _behind_proxies(admin, hops), settings.admin_bind)
    app.wsgi_app = dispatcher  # type: ignore[method-assign]
    return app


def _behind_proxies(wsgi: "WSGIApplication", hops: int) -> "WSGIApplication":
    trusting = ProxyFix(_written_plainly(wsgi), x_for=hops, x_proto=hops, x_host=hops) if hops else wsgi
    return RequestIds(trusting, trusted=hops > 0)


def _written_plainly(wsgi: "WSGIApplication") -> "WSGIApplication":
    """Writes an IPv4 client as one also if the proxy does not."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = client_address(environ["REMOTE_ADDR"])
        return wsgi(environ, start_response)

    return application
