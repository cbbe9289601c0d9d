"""The people and rooms of an audit: made before it and removed after it, however it ends."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from chat.audit.api_client import ApiClient, Refused, Unreachable
from chat.audit.plan import Plan
from chat.audit.subscriptions import Row

PAGE = 500
REMOVAL_SECONDS = 20.0


@dataclass(frozen=True)
class Person:
    """A person who is signed in. `temporary`: signed up for this audit."""

    id: int
    token: str = field(repr=False)
    temporary: bool = True


@dataclass(frozen=True)
class AuditRoom:
    """A room of this audit. All its people are members."""

    id: int
    name: str
    owner: Person


@dataclass
class Participants:
    """Grows while people and rooms are made, so that an interrupted audit can remove them. `leftovers`: what it could not remove."""

    client: ApiClient
    plan: Plan
    leftovers: list[str]
    people: list[Person] = field(default_factory=list)
    rooms: list[AuditRoom] = field(default_factory=list)

    @property
    def use_direct_messages(self) -> bool:
        """Not with a given account: its direct messages from others are not ours to read."""
        return len(self.people) > 1

    async def create(self) -> None:
        if self.plan.token is None:
            await asyncio.gather(*(self._sign_up(number) for number in range(self.plan.people)))
        else:
            session = await self.client.call("GET", "/session", self.plan.token)
            self.people.append(Person(session["user"]["id"], self.plan.token, temporary=False))
        await asyncio.gather(*(self._create_room(number) for number in range(self.plan.rooms)))

    async def head(self) -> int:
        """Returns the newest committed id."""
        poll = await self.client.call("GET", "/subscribe", self.people[0].token)
        return int(poll["cursor"])

    async def record(self, after: int) -> list[Row]:
        """Returns every recorded message of the audit in id order, as history gives it to its readers."""
        rooms = [self._messages(f"/room/{room.id}/messages", room.owner, after) for room in self.rooms]
        direct = [self._messages("/messages", person, after) for person in self.people if self.use_direct_messages]
        histories = await asyncio.gather(*rooms, *direct)
        recipients = [None] * len(rooms) + [person.id for person in self.people]
        rows = [_row(message, recipient) for messages, recipient in zip(histories, recipients, strict=False) for message in messages]
        return sorted(rows, key=lambda row: row.id)

    async def remove(self) -> None:
        """Removes the rooms and ends the sessions, within REMOVAL_SECONDS."""
        try:
            async with asyncio.timeout(REMOVAL_SECONDS):
                await self._remove_rooms()
                temporary = [person for person in self.people if person.temporary]
                await asyncio.gather(*(self._remove(f"a session of user {one.id}", "/session", one) for one in temporary))
        except TimeoutError:
            self.leftovers.append(f"some of audit-{self.plan.mark}-…: the service did not answer in time")

    async def _remove_rooms(self) -> None:
        if self.plan.keep:
            self.leftovers += [f"room {room.name}, as you asked" for room in self.rooms]
        else:
            await asyncio.gather(*(self._remove(f"room {room.name}", f"/room/{room.id}", room.owner) for room in self.rooms))

    async def _sign_up(self, number: int) -> None:
        credentials = {"name": f"audit-{self.plan.mark}-{number}", "password": secrets.token_urlsafe(24)}
        try:
            session = await self.client.call("POST", "/users", json=credentials)
        except Refused as refused:
            raise Refused("signing up (--token uses an account instead)", refused.status, refused.detail) from None
        self.people.append(Person(session["user"]["id"], session["token"]))

    async def _create_room(self, number: int) -> None:
        owner = self.people[number % len(self.people)]
        short_lived = {} if self.plan.keep else {"kind": "closed", "expires_in": self.plan.room_hours}
        request = {"name": f"audit-{self.plan.mark}-{number}", **short_lived}
        created = await self.client.call("POST", "/rooms", owner.token, json=request)
        room = AuditRoom(created["id"], created["name"], owner)
        self.rooms.append(room)
        invite = {"json": {"invite_key": created["invite_key"]}} if "invite_key" in created else {}
        others = [person for person in self.people if person is not owner]
        await asyncio.gather(*(self.client.call("POST", f"/room/{room.id}/members", one.token, **invite) for one in others))

    async def _messages(self, path: str, person: Person, after: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        more = True
        while more:
            page = await self.client.call("GET", path, person.token, params={"after": after, "limit": PAGE})
            messages += page["messages"]
            after, more = page["cursor"], page["more"]
        return messages

    async def _remove(self, label: str, path: str, person: Person) -> None:
        try:
            await self.client.remove(path, person.token)
        except (Refused, Unreachable) as failure:
            self.leftovers.append(f"{label} ({failure})")


@asynccontextmanager
async def participants_of(client: ApiClient, plan: Plan, leftovers: list[str]) -> AsyncIterator[Participants]:
    """Removes the participants also after an interrupt, or if the service refuses some of them; `leftovers` gets the rest."""
    participants = Participants(client, plan, leftovers)
    try:
        await participants.create()
        yield participants
    finally:
        await participants.remove()


def _row(message: dict[str, Any], recipient: int | None) -> Row:
    sender = message["sender"]["id"] if message["sender"] else None
    corrected = bool(message.get("edited_at") or message.get("deleted_at"))
    return Row(message["id"], message["kind"], message["room"]["id"], sender, recipient, message["text"], corrected)
