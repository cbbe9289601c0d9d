"""Settings from the environment, typed. What is wrong is named, a line for each variable."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from chat.addresses import Address, everywhere, host_of, is_port

HEARTBEAT_SECONDS = 15.0  # half of the 30 s that PaaS routers allow to the first byte, well under the 55 s between bytes

PORT = 8000
WORKERS = 2
MOST_WORKERS = 1000
ADMIN_BIND = "127.0.0.1:8090"  # not reachable from outside of the machine
FILE_BYTES = 15 * 10**6  # of one file
USER_FILES_BYTES = 10**9  # of all files of one user
ROOM_FILES_BYTES = 10**9  # of all files of one room
FILES_BYTES = 10 * 10**9  # of all files: what a small machine's disk has to spare
MOST_BYTES = 10**15  # a setting above this is a mistake

REQUEST_SECONDS = 10.0  # a router gives up after 30 s, and people before
DEAF_SECONDS = 10.0  # a failover of PostgreSQL or Redis is over before
WRONG_PLACE = (
    "has a host or a port that cannot be read: a port is 1 to 65535, and what is special in a password is written as %40 and the like"
)

EMPTY_GRACE_SECONDS = 30.0  # so that a room outlives the reload of a page or a phone's change of network


# As SQLAlchemy reads it: all up to the last @ is a name and a password, and these may hold what a URL may not.
DATABASE = re.compile(r"([^:/]*(:[^@]*)?@)?(\[[^/?]+\]|[^/:?]*)(:(?P<port>[^/?]*))?")


class WrongSetting(Exception):
    """Variables of the environment are missing or have values that cannot be used: `lines` names each of them with the reason."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))

    @classmethod
    def of(cls, name: str, why: str) -> "WrongSetting":
        return cls(f"{name}: {why}")


@dataclass(frozen=True)
class LogSettings:
    """What is logged, and how. access_log: a line for each request and stream."""

    level: str = "info"
    format: str = "text"
    access_log: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "LogSettings":
        """Raises WrongSetting."""
        return cls(**_read(environ, LOG_READERS))


@dataclass(frozen=True)
class Settings:
    """The operator's settings. URLs are as in the environment. bind: instead of host and port; host: empty for all addresses."""

    database_url: str
    redis_url: str
    secret_key: str
    bind: str = ""
    host: str = ""
    port: int = PORT
    workers: int = WORKERS
    log: LogSettings = LogSettings()
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    empty_grace_seconds: float = EMPTY_GRACE_SECONDS
    request_seconds: float = REQUEST_SECONDS
    deaf_seconds: float = DEAF_SECONDS
    metrics_token: str = ""
    proxy_hops: int = 0
    io_uring: bool = True
    admin_bind: str = ""
    files_url: str = ""
    file_bytes: int = FILE_BYTES
    user_files_bytes: int = USER_FILES_BYTES
    room_files_bytes: int = ROOM_FILES_BYTES
    files_bytes: int = FILES_BYTES

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises WrongSetting."""
        settings = cls(**_read(environ, READERS))
        for admin in settings.admin():
            if any(admin.overlaps(public) for public in settings.public()):
                raise WrongSetting.of("ADMIN_BIND", f"{admin} is where the service listens for everybody")
        return settings

    def public(self) -> tuple[Address, ...]:
        """Where the service listens for everybody."""
        if self.bind:
            return (Address.parse(self.bind),)
        return (Address(self.host, self.port),) if self.host else everywhere(self.port)

    def admin(self) -> tuple[Address, ...]:
        """Where it listens for operators, if anywhere."""
        return (Address.parse(self.admin_bind),) if self.admin_bind else ()


def _read(environ: Mapping[str, str], readers: "Readers") -> dict[str, Any]:
    """The values by field. Raises WrongSetting with all that is wrong."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field, read in readers.items():
        try:
            values[field] = read(environ)
        except WrongSetting as error:
            wrong += error.lines
    if wrong:
        raise WrongSetting(*wrong)
    return values


def _bind(environ: Mapping[str, str], name: str, default: str) -> str:
    """address:port, unix:/path, or empty."""
    text = environ.get(name, default).strip()
    try:
        return str(Address.parse(text)) if text else ""
    except ValueError:
        raise WrongSetting.of(name, f"is an IP address and a port, unix:/path, or empty, not {text!r}") from None


def _host(environ: Mapping[str, str]) -> str:
    text = environ.get("HOST", "").strip()
    try:
        return host_of(text) if text else ""
    except ValueError:
        raise WrongSetting.of("HOST", f"is an IP address, or empty for all of them, not {text!r}") from None


def secret_key(environ: Mapping[str, str]) -> str:
    """Raises WrongSetting."""
    key = environ.get("SECRET_KEY", "")
    if not key.strip():
        make = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise WrongSetting.of("SECRET_KEY", f"is not set: it is a random text, the same for all instances and for good; {make} makes one")
    return key


def database_url(environ: Mapping[str, str]) -> str:
    """Raises WrongSetting. SQLAlchemy uses another driver for a bare postgresql:// and does not know postgres:// at all."""
    scheme, separator, rest = _required(environ, "DATABASE_URL").partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise WrongSetting.of("DATABASE_URL", "begins with postgresql:// or postgres://")
    located = DATABASE.match(rest)
    if located and located["port"] and not is_port(located["port"]):
        raise WrongSetting.of("DATABASE_URL", WRONG_PLACE)
    return f"postgresql+psycopg2://{rest}"


def _redis_url(environ: Mapping[str, str]) -> str:
    url = _required(environ, "REDIS_URL")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise WrongSetting.of("REDIS_URL", "begins with redis://, rediss:// or unix://")
    parts = _split("REDIS_URL", url)
    if parts.scheme == "unix" and (parts.hostname or not parts.path):
        raise WrongSetting.of("REDIS_URL", "names a socket by its whole path: unix:///path")
    if parts.scheme != "unix" and not re.fullmatch(r"/?\d*/?", parts.path):
        raise WrongSetting.of("REDIS_URL", "names a database by its number: redis://host:port/0")
    return url


def _files_url(environ: Mapping[str, str]) -> str:
    """A folder, by its path or as file://, or s3://key:secret@host/bucket; without key and secret those of the AWS variables."""
    url = environ.get("FILES_URL", "").strip() or f"{environ.get('CHAT_DATA') or 'var'}/files"
    parts = _split("FILES_URL", url)
    if parts.scheme != "s3":
        if "://" in url and parts.scheme != "file":
            raise WrongSetting.of("FILES_URL", "is a folder's path, or begins with file:// or s3://")
        return url
    if not parts.hostname or not re.fullmatch(r"/[^/]+/?", parts.path):
        raise WrongSetting.of("FILES_URL", "names a host and a bucket: s3://key:secret@host/bucket")
    if parts.username and parts.password:
        return url
    key, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
    if parts.username or not key or not secret:
        raise WrongSetting.of("FILES_URL", "holds a key and its secret, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do")
    return url.replace("s3://", f"s3://{quote(key, safe='')}:{quote(secret, safe='')}@", 1)


def _split(name: str, url: str) -> SplitResult:
    """Shows no part of the URL: what is taken for the port may be half a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongSetting.of(name, WRONG_PLACE) from None
    if port == 0:
        raise WrongSetting.of(name, WRONG_PLACE)
    return parts


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise WrongSetting.of(name, "is not set (bin/serve starts a server of its own if it is missing)")
    return value


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default."""
    text = environ.get(name, "").strip().lower() or choices[0]
    if text not in choices:
        raise WrongSetting.of(name, f"is one of {', '.join(choices)}, not {text!r}")
    return text


def _switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    text = environ.get(name, "").strip()
    if text not in ("", "on", "off"):
        raise WrongSetting.of(name, f"is on or off, not {text!r}")
    return text == "on" if text else default


def _number(environ: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise WrongSetting.of(name, f"is not a number: {text!r}") from None
    if not low <= value <= high:
        raise WrongSetting.of(name, f"lies outside {low:g} to {high:g}: {text!r}")
    return value


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = _number(environ, name, default, low, high)
    if not float(value).is_integer():
        raise WrongSetting.of(name, f"is no whole number: {environ[name]!r}")
    return int(value)


Readers = Mapping[str, Callable[[Mapping[str, str]], object]]

LOG_READERS: Readers = {
    "level": lambda environ: _choice(environ, "LOG_LEVEL", ("info", "debug", "warning", "error", "critical")),
    "format": lambda environ: _choice(environ, "LOG_FORMAT", ("text", "json")),
    "access_log": lambda environ: _switch(environ, "ACCESS_LOG", False),
}

READERS: Readers = {
    "database_url": database_url,
    "redis_url": _redis_url,
    "secret_key": secret_key,
    "bind": lambda environ: _bind(environ, "BIND", ""),
    "host": _host,
    "port": lambda environ: _whole(environ, "PORT", PORT, 1, 65535),
    "workers": lambda environ: _whole(environ, "WEB_CONCURRENCY", WORKERS, 1, MOST_WORKERS),
    "log": LogSettings.from_environ,
    "heartbeat_seconds": lambda environ: _number(environ, "HEARTBEAT_SECONDS", HEARTBEAT_SECONDS, 0.2, 50),
    "empty_grace_seconds": lambda environ: _number(environ, "EMPTY_GRACE_SECONDS", EMPTY_GRACE_SECONDS, 1, 3600),
    "request_seconds": lambda environ: _number(environ, "REQUEST_SECONDS", REQUEST_SECONDS, 1, 300),
    "deaf_seconds": lambda environ: _number(environ, "DEAF_SECONDS", DEAF_SECONDS, 1, 3600),
    "metrics_token": lambda environ: environ.get("METRICS_TOKEN", ""),
    "proxy_hops": lambda environ: _whole(environ, "PROXY_HOPS", 0, 0, 10),
    "io_uring": lambda environ: _switch(environ, "IO_URING", True),
    "admin_bind": lambda environ: _bind(environ, "ADMIN_BIND", ADMIN_BIND),
    "files_url": _files_url,
    "file_bytes": lambda environ: _whole(environ, "FILE_BYTES", FILE_BYTES, 1, MOST_BYTES),
    "user_files_bytes": lambda environ: _whole(environ, "USER_FILES_BYTES", USER_FILES_BYTES, 0, MOST_BYTES),
    "room_files_bytes": lambda environ: _whole(environ, "ROOM_FILES_BYTES", ROOM_FILES_BYTES, 0, MOST_BYTES),
    "files_bytes": lambda environ: _whole(environ, "FILES_BYTES", FILES_BYTES, 0, MOST_BYTES),
}
