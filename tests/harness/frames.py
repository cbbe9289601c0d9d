"""Server-Sent Events as the tests read them: with the parser that a running deployment is audited with."""

from chat.audit.frames import Frame, FrameParser

__all__ = ["Frame", "FrameParser"]
