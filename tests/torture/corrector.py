"""Changes the messages of a poster: edits, deletes, reacts. Each try is made once, because none has to succeed."""

import asyncio
import json
import random
from time import monotonic
from urllib.parse import quote

from chat.audit.connection import Connection
from chat.audit.exchange import Exchange
from chat.audit.posters import ANSWER_SECONDS, Poster

LATELY = 40  # of its newest posts one is chosen
WAYS = {"edit": 5, "delete": 2, "react": 2, "unreact": 1}
FINE = frozenset({200, 204, 404})  # 404: it was deleted already


class Corrector:
    """Acts in the name of the poster. pause: mean seconds between two tries."""

    def __init__(self, poster: Poster, token: str, chance: random.Random, line: Connection, pause: float) -> None:
        self.surprises: list[str] = []
        self._poster = poster
        self._token = token
        self._random = chance
        self._connection = line
        self._pause = pause
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        try:
            while not self._stopped.is_set():
                await self._rest(self._random.expovariate(1 / self._pause))
                if said := self._poster.acknowledged[-LATELY:]:
                    await self._try(self._random.choice(said)[0])
        finally:
            self._connection.abort()

    async def _try(self, message: int) -> None:
        (way,) = self._random.choices(list(WAYS), list(WAYS.values()))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._connection.connect()
                answer = await self._connection.request(self._exchange(way, message))
        except OSError:
            return
        if answer.status is not None and answer.status < 500 and answer.status not in FINE:
            self.surprises.append(f"{self._poster.name}: {way} {message}: {answer.status} {answer.body[:300]!r}")

    def _exchange(self, way: str, message: int) -> Exchange:
        path = f"{self._connection.address.base}/api/v1/message/{message}"
        headers = {"Host": self._connection.address.host, "Authorization": f"Bearer {self._token}"}
        if way == "edit":
            said = json.dumps({"text": f"{self._poster.name} corrects {message} at {monotonic()}"}).encode()
            return Exchange("PATCH", path, headers | {"Content-Type": "application/json"}, said)
        if way == "delete":
            return Exchange("DELETE", path, headers)
        return Exchange("PUT" if way == "react" else "DELETE", f"{path}/reactions/{quote('🎉')}", headers)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return
