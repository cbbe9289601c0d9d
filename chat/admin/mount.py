"""Which application a request is for: the admin's, if it came in on the admin's own listener or is for /admin, else the public one.

The listener is told by the accepted socket itself: nothing that a client sends has a say in it."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/admin"


class Mount:
    """`own` answers on the admin's listener, `prefixed` under /admin of the public one: what a proxy in front says counts only there."""

    def __init__(self, public: "WSGIApplication", own: "WSGIApplication", prefixed: "WSGIApplication", bind: str) -> None:
        self._public = public
        self._own = own
        self._prefixed = prefixed
        self._listener = Listener(bind)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self._listener.accepted(environ.get("gunicorn.socket")):
            return self._own(environ, start_response)
        path: str = environ["PATH_INFO"]
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX
            environ["PATH_INFO"] = path.removeprefix(PREFIX) or "/"
            return self._prefixed(environ, start_response)
        return self._public(environ, start_response)


class Listener:
    """An address as ADMIN_BIND says it; of an address that stands for all of the machine only the port tells."""

    def __init__(self, bind: str) -> None:
        self._names: frozenset[Any] = frozenset()
        self._port = 0
        if bind.startswith("unix:"):
            path = bind.removeprefix("unix:")
            self._names = frozenset({path, path.encode()})
        elif bind:
            host, _, port = bind.rpartition(":")
            self._set(ip_address(host.strip("[]")), int(port))

    def _set(self, address: Any, port: int) -> None:
        if address.is_unspecified:
            self._port = port
        else:
            self._names = frozenset({(str(address), port)})

    def accepted(self, client: Any) -> bool:
        """Whether this listener accepted the connection."""
        if client is None or not (self._names or self._port):
            return False
        name = client.getsockname()
        if isinstance(name, tuple):
            return name[:2] in self._names or name[1] == self._port
        return name in self._names
