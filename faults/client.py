"""What every client of the load has in common: where the service is, and one request with a deadline of the client's own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from chat.audit.connection import Address, Connection
from chat.audit.exchange import Exchange
from faults.evidence import BROKEN, NO_ANSWER, REFUSED


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    id: int
    token: str


@dataclass(frozen=True)
class Reply:
    """A whole answer, or what came instead of one."""

    begun: float
    ended: float
    status: int | None
    failure: str
    body: bytes = b""

    @property
    def result(self) -> str:
        return str(self.status) if self.status is not None else self.failure


async def ask(address: Address, exchange: Exchange, within: float) -> Reply:
    """On a connection of its own. Never raises."""
    begun = monotonic()
    connection = Connection(address, keep_alive=False)
    try:
        async with asyncio.timeout(within):
            answer = await connection.request(exchange)
    except TimeoutError:
        return Reply(begun, monotonic(), None, NO_ANSWER)
    except ConnectionRefusedError:
        return Reply(begun, monotonic(), None, REFUSED)
    except OSError:
        return Reply(begun, monotonic(), None, BROKEN)
    finally:
        connection.abort()
    failure = "" if answer.status is not None else BROKEN
    return Reply(begun, monotonic(), answer.status, failure, answer.body)


def request(
    address: Address, method: str, target: str, token: str = "", body: bytes = b"", more: Mapping[str, str] | None = None
) -> Exchange:
    headers = {"Host": address.host, **({"Authorization": f"Bearer {token}"} if token else {}), **(more or {})}
    if body and "Content-Type" not in headers:
        headers["Content-Type"] = "application/json"
    return Exchange(method, target, headers, body)
