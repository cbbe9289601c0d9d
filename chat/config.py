"""Settings from the environment, typed and read once; a wrong value stops the start and is named."""

from collections.abc import Mapping
from dataclasses import dataclass

HEARTBEAT_SECONDS = 15.0  # half of the 30 s that PaaS routers allow to the first byte, well under the 55 s between bytes


class WrongSetting(Exception):
    """A variable of the environment that cannot be used: its name, and why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


@dataclass(frozen=True)
class Settings:
    """What an operator may choose. URLs are as given, the heartbeat is in seconds."""

    database_url: str
    redis_url: str
    secret_key: str = ""
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    metrics_token: str = ""
    proxy_hops: int = 0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises WrongSetting for what is missing or malformed."""
        return cls(
            database_url=_database_url(environ),
            redis_url=_redis_url(environ),
            secret_key=environ.get("SECRET_KEY", ""),
            heartbeat_seconds=_number(environ, "HEARTBEAT_SECONDS", HEARTBEAT_SECONDS, 0.2, 50),
            metrics_token=environ.get("METRICS_TOKEN", ""),
            proxy_hops=int(_number(environ, "PROXY_HOPS", 0, 0, 10)),
        )


def _database_url(environ: Mapping[str, str]) -> str:
    """SQLAlchemy takes a bare postgresql:// for another driver and does not know postgres:// at all."""
    scheme, separator, rest = _required(environ, "DATABASE_URL").partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise WrongSetting("DATABASE_URL", "begins with postgresql:// or postgres://")
    return f"postgresql+psycopg2://{rest}"


def _redis_url(environ: Mapping[str, str]) -> str:
    url = _required(environ, "REDIS_URL")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise WrongSetting("REDIS_URL", "begins with redis://, rediss:// or unix://")
    return url


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise WrongSetting(name, "is not set (bin/serve starts a server of its own where it is missing)")
    return value


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
