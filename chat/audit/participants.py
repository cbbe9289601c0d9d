"""Who takes part in an audit and where: throw-away people and rooms, made before it and removed after it, however it ends."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from chat.audit.feeds import Row
from chat.audit.plan import Plan
from chat.audit.service import Refused, Service, Unreachable

PAGE = 500
LEAVE_SECONDS = 20.0


@dataclass(frozen=True)
class Person:
    """Somebody signed in. `thrown_away`: made for this audit."""

    id: int
    token: str = field(repr=False)
    thrown_away: bool = True


@dataclass(frozen=True)
class AuditRoom:
    """A room of this audit; all its people are members."""

    id: int
    name: str
    owner: Person


@dataclass
class Cast:
    """Grows while it is made, so that whatever there is when somebody interrupts can be removed; `left` is what could not."""

    service: Service
    plan: Plan
    left: list[str]
    people: list[Person] = field(default_factory=list)
    rooms: list[AuditRoom] = field(default_factory=list)

    @property
    def writes_directly(self) -> bool:
        """Not in the name of a real person: what others say to them is not ours to read."""
        return len(self.people) > 1

    async def gather(self) -> None:
        if self.plan.token is None:
            await asyncio.gather(*(self._sign_up(number) for number in range(self.plan.people)))
        else:
            known = await self.service.call("GET", "/session", self.plan.token)
            self.people.append(Person(known["user"]["id"], self.plan.token, thrown_away=False))
        await asyncio.gather(*(self._open_room(number) for number in range(self.plan.rooms)))

    async def head(self) -> int:
        """The newest committed id."""
        polled = await self.service.call("GET", "/subscribe", self.people[0].token)
        return int(polled["cursor"])

    async def record(self, after: int) -> list[Row]:
        """Every message of the audit that is on record, in id order, as its readers may look it up."""
        rooms = [self._messages(f"/room/{room.id}/messages", room.owner, after) for room in self.rooms]
        direct = [self._messages("/messages", person, after) for person in self.people if self.writes_directly]
        pages = await asyncio.gather(*rooms, *direct)
        recipients = [None] * len(rooms) + [person.id for person in self.people]
        rows = [_row(message, recipient) for messages, recipient in zip(pages, recipients, strict=False) for message in messages]
        return sorted(rows, key=lambda row: row.id)

    async def leave(self) -> None:
        """Rooms removed, sessions ended; what cannot be is named."""
        if self.plan.keep:
            self.left += [f"room {room.name}, as you asked" for room in self.rooms]
        else:
            await asyncio.gather(*(self._remove(f"room {one.name}", f"/room/{one.id}", one.owner) for one in self.rooms))
        thrown_away = [person for person in self.people if person.thrown_away]
        await asyncio.gather(*(self._remove(f"a session of user {one.id}", "/session", one) for one in thrown_away))

    async def _sign_up(self, number: int) -> None:
        credentials = {"name": f"audit-{self.plan.mark}-{number}", "password": secrets.token_urlsafe(24)}
        try:
            signed_up = await self.service.call("POST", "/users", json=credentials)
        except Refused as refused:
            raise Refused("signing up (give --token where that is not wanted)", refused.status, refused.detail) from None
        self.people.append(Person(signed_up["user"]["id"], signed_up["token"]))

    async def _open_room(self, number: int) -> None:
        owner = self.people[number % len(self.people)]
        short_lived = {} if self.plan.keep else {"kind": "closed", "expires_in": self.plan.room_hours}
        wanted = {"name": f"audit-{self.plan.mark}-{number}", **short_lived}
        made = await self.service.call("POST", "/rooms", owner.token, json=wanted)
        room = AuditRoom(made["id"], made["name"], owner)
        self.rooms.append(room)
        entry = {"json": {"invite_key": made["invite_key"]}} if "invite_key" in made else {}
        others = [person for person in self.people if person is not owner]
        await asyncio.gather(*(self.service.call("POST", f"/room/{room.id}/members", one.token, **entry) for one in others))

    async def _messages(self, path: str, person: Person, after: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        more = True
        while more:
            page = await self.service.call("GET", path, person.token, params={"after": after, "limit": PAGE})
            messages += page["messages"]
            after, more = page["cursor"], page["more"]
        return messages

    async def _remove(self, what: str, path: str, person: Person) -> None:
        try:
            await self.service.remove(path, person.token)
        except (Refused, Unreachable) as failure:
            self.left.append(f"{what} ({failure})")


@asynccontextmanager
async def cast_of(service: Service, plan: Plan, left: list[str]) -> AsyncIterator[Cast]:
    """Removes what it made also when it is interrupted, or the service refuses half of it; says in `left` what it could not."""
    cast = Cast(service, plan, left)
    try:
        await cast.gather()
        yield cast
    finally:
        await _within(cast, cast.leave())


async def _within(cast: Cast, leaving: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(leaving, LEAVE_SECONDS)
    except TimeoutError:
        cast.left.append(f"some of audit-{cast.plan.mark}-…: the service did not answer in time")


def _row(message: dict[str, Any], recipient: int | None) -> Row:
    sender = message["sender"]["id"] if message["sender"] else None
    corrected = bool(message.get("edited_at") or message.get("deleted_at"))
    return Row(message["id"], message["kind"], message["room"]["id"], sender, recipient, message["text"], corrected)
