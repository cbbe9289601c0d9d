"""Why a stream or a long poll was closed: the one closed list, used by the hub, the metrics and docs/close-reasons.md."""

from enum import StrEnum
from typing import Literal, Self

LastFrame = Literal["end", "bye", ""]


class CloseReason(StrEnum):
    """The value is the `reason` of the last frame and the label of `chat_closings`.

    happened: in words. last_frame: what a stream is sent before it closes: `end` names the reason, `bye` a time to come back at.
    A long poll gets an empty reply instead, and counts as `answered`."""

    happened: str
    last_frame: LastFrame

    def __new__(cls, value: str, happened: str, last_frame: LastFrame) -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.happened = happened
        reason.last_frame = last_frame
        return reason

    SIGNED_OUT = "signed_out", "the session was signed out or is over", "end"
    SESSION_ENDED = "ended", "an operator ended the session", "end"
    PASSWORD_CHANGED = "password_changed", "the password was changed in another session", "end"
    BANNED = "banned", "the user was banned, from the room or by an operator", "end"
    LEFT = "left", "the user left the room, or may not read it any more", "end"
    REMOVED = "removed", "the user was removed from the room", "end"
    ROOM_CLOSED = "room_closed", "the room ended", "end"
    NO_ACCESS = "no_access", "the right to read went away while the client resumed", "end"
    DRAIN = "drain", "the worker stops, or the client's rooms are looked up again", "bye"
    ANSWERED = "answered", "the long poll was answered", ""
    SLOW = "slow", "the client did not read, and its backlog passed its bound", ""
    GONE = "gone", "the client closed the connection or cannot be reached", ""
    FAILED = "failed", "the database failed while the client resumed", ""

    @property
    def reconnects(self) -> bool:
        """Whether the client should come back with its cursor; after `end` it gets the same refusal again."""
        return self.last_frame != "end"

    @classmethod
    def of_session_end(cls, reason: str) -> "CloseReason":
        """The reason in a `session_ended` event. A newer worker may write one that is unknown here: a deploy runs both versions."""
        return next((known for known in cls if known == reason), cls.SESSION_ENDED)
