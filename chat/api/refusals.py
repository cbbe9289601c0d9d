"""The one table from refusals to problems: what a client is answered for each kind."""

from collections.abc import Callable
from typing import Any

from chat import errors
from chat.domain import refusals
from chat.domain.refusals import OverLimit, Refused
from chat.errors import BadInput, Problem

Row = type[Problem] | Callable[[Any], Problem]

FILES = {"user": "your files", "room": "the room's files", "service": "all files"}


def _bad(field: str, detail: str) -> Row:
    return lambda _: BadInput.of(field, detail)


def _not_found(refusal: Refused) -> Problem:
    return errors.NotFound(f"there is no {str(refusal)!r}" if refusal.args else "")


def _no_room(refusal: OverLimit) -> Problem:
    return errors.NoRoom(f"{FILES[refusal.whose]} would be more than there is room for")


TABLE: dict[type[Refused], Row] = {
    refusals.Busy: lambda _: errors.Unavailable("too many are waiting for the same already"),
    refusals.SessionInvalid: errors.NotSignedIn,
    refusals.WrongCredentials: lambda _: errors.NotSignedIn("the name or the password is wrong"),
    refusals.WrongCurrentPassword: errors.WrongPassword,
    refusals.UserBanned: errors.Banned,
    refusals.UnknownApiKey: errors.WrongKey,
    refusals.TooManyAttempts: lambda refusal: errors.TooMany(refusal.seconds),
    refusals.NoPicture: _bad("file", "is no picture that can be read: a PNG, JPEG, GIF, WebP or AVIF, and not too large"),
    refusals.NoSuchRoom: _not_found,
    refusals.NoSuchUser: _not_found,
    refusals.NoSuchMessage: errors.NotFound,
    refusals.NoSuchFile: errors.NotFound,
    refusals.NoSuchSession: errors.NotFound,
    refusals.NoSuchMember: errors.NotFound,
    refusals.NoSuchBan: errors.NotFound,
    refusals.RoomEnded: errors.Gone,
    refusals.RoomFull: errors.Full,
    refusals.NotAMember: errors.NotJoined,
    refusals.NotTheOwner: errors.NotOwner,
    refusals.RoomIsOpen: _bad("room", "is open: one needs no key to join it"),
    refusals.SelfConversation: _bad("user", "is you: a conversation has two members"),
    refusals.NameTaken: lambda refusal: errors.Taken.of(refusal.name),
    refusals.WrongExpiry: _bad("expires_in", "is for a room that ends by the clock, and within 24 hours of its creation"),
    refusals.TooManyMembers: _bad("max_members", "is less than the members that there are"),
    refusals.NotTheSender: errors.NotYours,
    refusals.QuoteNotInRoom: _bad("reply_to", "is no message of this room"),
    refusals.EmptyText: _bad("text", "is empty"),
    refusals.TooManyReactions: errors.Overfull,
    refusals.KeyUsed: errors.KeyReused,
    refusals.OverLimit: _no_room,
    refusals.UploadTooSlow: _bad("body", "came too slowly"),
    refusals.NothingToSearchFor: _bad("q", "names no word to look for"),
    refusals.NoSuchResult: _bad("before", "is none of the results, or is so no more: begin again without it"),
}


def problem_of(refusal: Refused) -> Problem:
    row = TABLE[type(refusal)]
    return row() if isinstance(row, type) else row(refusal)
