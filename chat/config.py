"""Settings from the environment, typed and read once; a wrong value stops the start and is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

HEARTBEAT_SECONDS = 15.0  # half of the 30 s that PaaS routers allow to the first byte, well under the 55 s between bytes

ADMIN_BIND = "127.0.0.1:8090"  # not reachable from outside of the machine
FILE_BYTES = 15 * 10**6  # of one file
USER_FILES_BYTES = 10**9  # of all files of one user
ROOM_FILES_BYTES = 10**9  # of all files of one room
FILES_BYTES = 10 * 10**9  # of all files: what a small machine's disk has to spare
MOST_BYTES = 10**15  # a setting above this is a mistake

REQUEST_SECONDS = 10.0  # a router gives up after 30 s, and people before
DEAF_SECONDS = 10.0  # a failover of PostgreSQL or Redis is over before
EMPTY_GRACE_SECONDS = 30.0  # so that a room outlives the reload of a page or a phone's change of network


class WrongSetting(Exception):
    """A variable of the environment has a value that cannot be used."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class LogSettings:
    """What is logged, and how. access_log: a line for each request and stream."""

    level: str = "info"
    format: str = "text"
    access_log: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "LogSettings":
        """Raises WrongSetting."""
        return cls(
            level=_choice(environ, "LOG_LEVEL", ("info", "debug", "warning", "error", "critical")),
            format=_choice(environ, "LOG_FORMAT", ("text", "json")),
            access_log=_switch(environ, "ACCESS_LOG", False),
        )


@dataclass(frozen=True)
class Settings:
    """The operator's settings. URLs are as in the environment."""

    database_url: str
    redis_url: str
    secret_key: str = ""
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
        """Raises WrongSetting if a variable is missing or malformed."""
        return cls(
            database_url=database_url(environ),
            redis_url=_redis_url(environ),
            secret_key=environ.get("SECRET_KEY", ""),
            heartbeat_seconds=_number(environ, "HEARTBEAT_SECONDS", HEARTBEAT_SECONDS, 0.2, 50),
            empty_grace_seconds=_number(environ, "EMPTY_GRACE_SECONDS", EMPTY_GRACE_SECONDS, 1, 3600),
            request_seconds=_number(environ, "REQUEST_SECONDS", REQUEST_SECONDS, 1, 300),
            deaf_seconds=_number(environ, "DEAF_SECONDS", DEAF_SECONDS, 1, 3600),
            metrics_token=environ.get("METRICS_TOKEN", ""),
            proxy_hops=int(_number(environ, "PROXY_HOPS", 0, 0, 10)),
            io_uring=_switch(environ, "IO_URING", True),
            admin_bind=admin_bind(environ),
            files_url=_files_url(environ),
            file_bytes=int(_number(environ, "FILE_BYTES", FILE_BYTES, 1, MOST_BYTES)),
            user_files_bytes=int(_number(environ, "USER_FILES_BYTES", USER_FILES_BYTES, 0, MOST_BYTES)),
            room_files_bytes=int(_number(environ, "ROOM_FILES_BYTES", ROOM_FILES_BYTES, 0, MOST_BYTES)),
            files_bytes=int(_number(environ, "FILES_BYTES", FILES_BYTES, 0, MOST_BYTES)),
        )


def admin_bind(environ: Mapping[str, str]) -> str:
    """Where the admin interface listens: address:port, unix:/path, or empty for no listener. Raises WrongSetting."""
    bind = environ.get("ADMIN_BIND", ADMIN_BIND).strip().replace("localhost:", "127.0.0.1:")
    if not re.fullmatch(r"|unix:/.+|(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]):\d{1,5}", bind):
        raise WrongSetting("ADMIN_BIND", f"is an IP address and a port, unix:/path, or empty, not {bind!r}")
    return bind


def database_url(environ: Mapping[str, str]) -> str:
    """Raises WrongSetting. SQLAlchemy uses another driver for a bare postgresql:// and does not know postgres:// at all."""
    scheme, separator, rest = _required(environ, "DATABASE_URL").partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise WrongSetting("DATABASE_URL", "begins with postgresql:// or postgres://")
    return f"postgresql+psycopg2://{rest}"


def _redis_url(environ: Mapping[str, str]) -> str:
    url = _required(environ, "REDIS_URL")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise WrongSetting("REDIS_URL", "begins with redis://, rediss:// or unix://")
    return url


def _files_url(environ: Mapping[str, str]) -> str:
    """A folder, by its path or as file://, or s3://key:secret@host/bucket; without key and secret those of the AWS variables."""
    url = environ.get("FILES_URL", "").strip() or f"{environ.get('CHAT_DATA') or 'var'}/files"
    parts = urlsplit(url)
    if parts.scheme != "s3":
        if "://" in url and parts.scheme != "file":
            raise WrongSetting("FILES_URL", "is a folder's path, or begins with file:// or s3://")
        return url
    if not parts.hostname or not re.fullmatch(r"/[^/]+/?", parts.path):
        raise WrongSetting("FILES_URL", "names a host and a bucket: s3://key:secret@host/bucket")
    if parts.username and parts.password:
        return url
    key, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
    if parts.username or not key or not secret:
        raise WrongSetting("FILES_URL", "holds a key and its secret, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do")
    return url.replace("s3://", f"s3://{quote(key, safe='')}:{quote(secret, safe='')}@", 1)


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise WrongSetting(name, "is not set (bin/serve starts a server of its own if it is missing)")
    return value


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default."""
    text = environ.get(name, "").strip().lower() or choices[0]
    if text not in choices:
        raise WrongSetting(name, f"is one of {', '.join(choices)}, not {text!r}")
    return text


def _switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    text = environ.get(name, "").strip()
    if text not in ("", "on", "off"):
        raise WrongSetting(name, f"is on or off, not {text!r}")
    return text == "on" if text else default


def _number(environ: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise WrongSetting(name, f"is not a number: {text!r}") from None
    if not low <= value <= high:
        raise WrongSetting(name, f"lies outside {low:g} to {high:g}: {text}")
    return value
