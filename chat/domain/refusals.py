"""The closed list of refusals: why services and use cases do not carry out a request. chat/api/refusals.py makes each a problem."""


class Refused(Exception):
    """A request that the service understands and does not carry out. Each subclass is one reason."""


class Busy(Refused):
    """More requests wait already than can be served in a reasonable time. The client tries again a little later."""


# Accounts, sessions and keys


class SessionInvalid(Refused):
    """The caller's session has ended or expired."""


class WrongCredentials(Refused):
    """The user name does not exist or the password is not the user's. The client does not learn which."""


class WrongCurrentPassword(Refused):
    """The password that a change of password must repeat is not the user's current one."""


class UserBanned(Refused):
    """The password was right, but the operator has banned the user."""


class UnknownApiKey(Refused):
    """No API key that is in force has this text."""


class TooManyAttempts(Refused):
    """Too many failed attempts came from this address, or for this name. seconds: how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


class NoPicture(Refused):
    """The upload is not a picture, cannot be read as one, or has too many pixels."""


# What does not exist, or must look to the caller as if it did not


class NoSuchRoom(Refused):
    """No room has this id or name, or the caller may not know of it. The message, if any, is the reference."""


class NoSuchUser(Refused):
    """No user has this id or name. The message, if any, is the reference."""


class NoSuchMessage(Refused):
    """No message has this id, it was deleted, or the caller may not read it. The caller does not learn which."""


class NoSuchFile(Refused):
    """No file has this id, its bytes are gone, or the caller may not read it. The caller does not learn which."""


class NoSuchSession(Refused):
    """The caller has no session with this id that has not ended."""


class NoSuchMember(Refused):
    """The user is not a member of the room."""


class NoSuchBan(Refused):
    """The user is not banned from the room."""


# Rooms


class RoomEnded(Refused):
    """The room has ended, and the caller knew of it."""


class RoomFull(Refused):
    """The room has as many members as its limit allows."""


class NotAMember(Refused):
    """The caller knows of the room and is not a member."""


class NotTheOwner(Refused):
    """Only the owner of the room may do this."""


class RoomIsOpen(Refused):
    """An open room has no invite key."""


class SelfConversation(Refused):
    """A conversation has two members, and the caller named only itself."""


class NameTaken(Refused):
    """A user, or a room that has not ended, has this name already. The message is the name."""


class WrongExpiry(Refused):
    """The room does not end by the clock, or the new end is more than 24 hours after the room was created."""


class TooManyMembers(Refused):
    """The room has more members than the new limit."""


# Messages, reactions and files


class NotTheSender(Refused):
    """The caller may read the message, but may not change it."""


class QuoteNotInRoom(Refused):
    """The message that a reply quotes is not in the room of the reply."""


class EmptyText(Refused):
    """The text of a message is empty. Only the text of a file may be."""


class TooManyReactions(Refused):
    """The message has as many reactions, or as many different ones, as its limit allows."""


class KeyUsed(Refused):
    """The Idempotency-Key belongs to another request of this sender."""


class OverLimit(Refused):
    """The upload would exceed the limit on the bytes of somebody's files: the message is `user` for the uploader's, `room` or `service`."""


class UploadTooSlow(Refused):
    """The upload took longer than its time limit, so its reservation has lapsed."""


# Search


class NothingToSearchFor(Refused):
    """The query contains no word that a message must have."""


class NoSuchResult(Refused):
    """The message after which the results are to continue is not one of them, or no longer is."""
