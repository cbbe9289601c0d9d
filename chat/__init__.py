"""A chat service over plain HTTP that loses nothing."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chat import api, web
from chat.cli import database
from chat.config import Settings
from chat.service import assemble
from chat.services.database import engine_options, wait_with_gevent
from chat.services.models import db


def create_app(settings: Settings) -> Flask:
    """The application. Starts no greenlet and opens no connection."""
    app = Flask(__name__, static_folder=None)
    app.secret_key = settings.secret_key or None
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options()
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    wait_with_gevent()
    db.init_app(app)
    with app.app_context():
        app.extensions["chat"] = assemble(settings, db.engine)
    api.init_app(app)
    web.init_app(app)
    database.init_app(app)
    return app
