"""Server-Sent Events, read by the parser of `bin/chat audit`."""

from chat.audit.frames import Frame, FrameParser

__all__ = ["Frame", "FrameParser"]
