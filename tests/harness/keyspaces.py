"""Redis databases by number, for tests that share one server. Only databases that were empty at the start are used and flushed."""

from urllib.parse import parse_qsl, urlencode

import redis

NUMBERS = range(16)  # what Redis and Valkey have unless configured otherwise


class Keyspaces:
    """Hands out empty databases of one server, and empties each again when it is given back."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free = [number for number in NUMBERS if _is_empty(numbered(url, number))]
        self._taken: dict[str, int] = {}

    def take(self) -> str:
        assert self._free, f"no empty database is left among {NUMBERS} of the Redis server for tests"
        number = self._free.pop(0)
        url = numbered(self._url, number)
        self._taken[url] = number
        return url

    def give_back(self, url: str) -> None:
        number = self._taken.pop(url)
        with redis.Redis.from_url(url) as connection:
            connection.flushdb()
        self._free.append(number)

    def close(self) -> None:
        for url in list(self._taken):
            self.give_back(url)


def numbered(url: str, number: int) -> str:
    """The URL of the same server's database of that number."""
    server, _, query = url.partition("?")
    others = [(name, value) for name, value in parse_qsl(query) if name != "db"]
    return f"{server}?{urlencode([*others, ('db', number)])}"


def _is_empty(url: str) -> bool:
    with redis.Redis.from_url(url) as connection:
        try:
            return int(connection.dbsize()) == 0
        except redis.ResponseError:
            return False  # the server has fewer databases than usual
