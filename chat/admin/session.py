"""Who visits the page: whoever has shown an API key of scope admin, and carries a signed cookie since that names the key.

The key is looked up for every request, so one that was ended is out at once. What changes anything must come from the page itself."""

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from chat.services.api_keys import ApiKey
from chat.usecases.api_keys import ApiKeys

COOKIE = "chat_admin"
VISIT_SECONDS = 12 * 3600
SALT = "admin page"


class Visits:
    def __init__(self, keys: ApiKeys, secret_key: str) -> None:
        self._keys = keys
        self._signed = URLSafeTimedSerializer(secret_key, salt=SALT) if secret_key else None

    @property
    def possible(self) -> bool:
        """Without SECRET_KEY anybody could sign a cookie."""
        return self._signed is not None

    def operator(self) -> ApiKey | None:
        """Whose cookie it is, if it may still come in."""
        if self._signed is None:
            return None
        try:
            key_id = self._signed.loads(request.cookies.get(COOKIE, ""), max_age=VISIT_SECONDS)
        except BadSignature:  # also of one that is too old
            return None
        key = self._keys.by_id(key_id)
        return key if key is not None and key.scope == "admin" else None

    def begin(self, response: Response, key: ApiKey) -> Response:
        assert self._signed is not None
        value = self._signed.dumps(key.id)
        assert isinstance(value, str)
        response.set_cookie(COOKIE, value, max_age=VISIT_SECONDS, path=_root(), httponly=True, samesite="Strict", secure=request.is_secure)
        return response

    def end(self, response: Response) -> Response:
        response.delete_cookie(COOKIE, path=_root(), httponly=True, samesite="Strict", secure=request.is_secure)
        return response


def is_foreign() -> bool:
    """Browsers say from where a form is sent. Who does not say it is no browser, and has the API for its purposes."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return True
    ours = (None, f"http://{request.host}", f"https://{request.host}")
    return site not in (None, "same-origin") or origin not in ours


def _root() -> str:
    """The listener's own, or where the page is mounted on the public one."""
    return request.script_root or "/"
