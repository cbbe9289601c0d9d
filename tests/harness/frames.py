"""Server-Sent Events, read by the parser of `bin/chat audit`."""

from chat.audit.sse_parser import Frame, FrameParser

__all__ = ["Frame", "FrameParser"]
