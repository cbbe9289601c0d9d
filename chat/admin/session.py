"""The operator's session on the pages: a signed cookie that names an API key of scope admin.

The key is looked up for every request, so ending a key ends its sessions at once. A change must come from the pages themselves."""

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from chat.api.auth import service
from chat.services.api_keys import ApiKey

COOKIE = "chat_admin"
SESSION_SECONDS = 12 * 3600
SALT = "admin page"


def operator() -> ApiKey | None:
    """Returns the key that the request's cookie names, None if it is not valid any more."""
    try:
        key_id = _serializer().loads(request.cookies.get(COOKIE, ""), max_age=SESSION_SECONDS)
    except BadSignature:  # also if the cookie has expired
        return None
    key = service().api_keys.by_id(key_id)
    return key if key is not None and key.scope == "admin" else None


def begin(response: Response, key: ApiKey) -> Response:
    value = _serializer().dumps(key.id)
    response.set_cookie(COOKIE, value, max_age=SESSION_SECONDS, path=_root(), httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def end(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=_root(), httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(service().settings.secret_key, salt=SALT)


def is_cross_site() -> bool:
    """Whether another site sent the form, by the headers that browsers set. A client without them is no browser and can use the API."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return True
    own_origins = (None, f"http://{request.host}", f"https://{request.host}")
    return site not in (None, "same-origin") or origin not in own_origins


def _root() -> str:
    """The path of the pages: / on the admin listener, /admin on the public one."""
    return request.script_root or "/"
