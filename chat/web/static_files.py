"""Serves the page's files: compressed if the client accepts that, cached for good at a versioned address, revalidated at any other."""

import re
from typing import cast

from flask import Blueprint, Response, abort, request

from chat.web import assets
from chat.web.assets import VERSION_DIGITS, Asset

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
NO_STORE = "no-store"
VERSIONED = re.compile(rf"([0-9a-f]{{{VERSION_DIGITS}}})/(.+)")

blueprint = Blueprint("static", __name__, url_prefix="/static")


@blueprint.get("/<path:path>")
def file(path: str) -> Response:
    """/static/VERSION/app/main.js, or without the version. During a deploy a request may name another version: it gets the file of this
    one, and may not cache it."""
    versioned = VERSIONED.fullmatch(path)
    version, name = versioned.groups() if versioned else (None, path)
    if name not in assets.current().files:
        abort(404)
    return send(assets.current().files[name], IMMUTABLE if version == assets.current().version else REVALIDATE)


def send(asset: Asset, cache_control: str) -> Response:
    coding = next((each for each in asset.packed if request.accept_encodings[each]), None)
    response = Response(asset.packed[coding] if coding else asset.body, mimetype=asset.mimetype)
    response.headers["Cache-Control"] = cache_control
    response.vary.add("Accept-Encoding")
    if coding:
        response.content_encoding = coding
    response.set_etag(f"{asset.etag[:32]}-{coding or 'plain'}")
    return cast(Response, response.make_conditional(request))
