"""The HTTP API: views parse a request, call a use case and answer. Every resource is served under /api/v1 and at the root."""

from flask import Flask

from chat.api import (
    accounts,
    api_key_rooms,
    auth,
    avatars,
    conversations,
    deadline,
    files,
    health,
    members,
    message_changes,
    messages,
    openapi,
    problem_handlers,
    profile,
    rooms,
    search,
    signals,
    subscribe,
)

BASE = "/api/v1"
BLUEPRINTS = tuple(
    part.blueprint
    for part in (
        accounts,
        rooms,
        api_key_rooms,
        members,
        messages,
        conversations,
        signals,
        message_changes,
        files,
        subscribe,
        profile,
        avatars,
        search,
    )
)


def init_app(app: Flask) -> None:
    problem_handlers.init_app(app)
    deadline.init_app(app, app.extensions["chat"].settings.request_seconds)
    auth.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=BASE, name=f"v1_{blueprint.name}")
        app.register_blueprint(blueprint)
    app.register_blueprint(openapi.blueprint, url_prefix=BASE)
    app.register_blueprint(health.blueprint)
