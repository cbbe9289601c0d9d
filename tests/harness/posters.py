"""Clients that post without a pause while a test stops, replaces or migrates what they post to."""

import threading

import httpx

from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person


class Poster:
    """Posts without a pause, each time on a connection of its own, as clients behind a router do."""

    def __init__(self, person: Person, room: int) -> None:
        self.posted: list[int] = []
        self.unanswered: list[str] = []
        self._url = f"{person.http.base_url}/api/v1/room/{room}/messages"
        self._headers = {"Authorization": f"Bearer {person.token}"}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                answer = http_client.post(self._url, json={"text": "hello"}, headers=self._headers)
            except httpx.TransportError as error:
                self.unanswered.append(repr(error))
                continue
            if answer.status_code == 201:
                self.posted.append(answer.json()["id"])
            else:
                self.unanswered.append(f"{answer.status_code} {answer.text}")

    def __enter__(self) -> "Poster":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(35)


def all_ids(posters: list[Poster]) -> list[int]:
    return sorted(event_id for poster in posters for event_id in poster.posted)


def posted(posters: list[Poster], count: int) -> None:
    eventually(lambda: len(all_ids(posters)) >= count, within=30)
