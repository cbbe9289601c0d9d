"""The one table from refusals to problems: what a client is answered for each kind."""

from collections.abc import Callable
from typing import Any

from chat import problems
from chat.domain import refusals
from chat.domain.refusals import Refused
from chat.problems import BadInput, Problem

Row = type[Problem] | Callable[[Any], Problem]

FILES = {"user": "your files", "room": "the room's files", "service": "all files"}


def _bad(field: str, detail: str) -> Row:
    return lambda _: BadInput.of(field, detail)


def _not_found(refusal: Refused) -> Problem:
    return problems.NotFound(f"there is no {str(refusal)!r}" if refusal.args else "")


TABLE: dict[type[Refused], Row] = {
    refusals.Busy: lambda _: problems.Unavailable("too many are waiting for the same already"),
    refusals.SessionInvalid: problems.NotSignedIn,
    refusals.WrongCredentials: lambda _: problems.NotSignedIn("the name or the password is wrong"),
    refusals.WrongCurrentPassword: problems.WrongPassword,
    refusals.UserBanned: problems.Banned,
    refusals.UnknownApiKey: problems.WrongKey,
    refusals.TooManyAttempts: lambda refusal: problems.TooMany(refusal.seconds),
    refusals.NoPicture: _bad("file", "is no picture that can be read: a PNG, JPEG, GIF, WebP or AVIF, and not too large"),
    refusals.NoSuchRoom: _not_found,
    refusals.NoSuchUser: _not_found,
    refusals.NoSuchMessage: problems.NotFound,
    refusals.NoSuchFile: problems.NotFound,
    refusals.NoSuchSession: problems.NotFound,
    refusals.NoSuchMember: problems.NotFound,
    refusals.NoSuchBan: problems.NotFound,
    refusals.RoomEnded: problems.Gone,
    refusals.RoomFull: problems.Full,
    refusals.NotAMember: problems.NotJoined,
    refusals.NotTheOwner: problems.NotOwner,
    refusals.RoomIsOpen: _bad("room", "is open: one needs no key to join it"),
    refusals.SelfConversation: _bad("user", "is you: a conversation has two members"),
    refusals.NameTaken: lambda refusal: problems.Taken.of(str(refusal)),
    refusals.WrongExpiry: _bad("expires_in", "is for a room that ends by the clock, and within 24 hours of its creation"),
    refusals.TooManyMembers: _bad("max_members", "is less than the members that there are"),
    refusals.NotTheSender: problems.NotYours,
    refusals.QuoteNotInRoom: _bad("reply_to", "is no message of this room"),
    refusals.EmptyText: _bad("text", "is empty"),
    refusals.TooManyReactions: problems.Overfull,
    refusals.KeyUsed: problems.KeyReused,
    refusals.OverLimit: lambda refusal: problems.NoRoom(f"{FILES[str(refusal)]} would be more than there is room for"),
    refusals.UploadTooSlow: _bad("body", "came too slowly"),
    refusals.NothingToSearchFor: _bad("q", "names no word to look for"),
    refusals.NoSuchResult: _bad("before", "is none of the results, or is so no more: begin again without it"),
}


def problem_of(refusal: Refused) -> Problem:
    row = TABLE[type(refusal)]
    return row() if isinstance(row, type) else row(refusal)
