"""HTTP requests and responses as bytes, by the code of `bin/chat audit`."""

from chat.audit.exchange import Exchange, target

__all__ = ["Exchange", "target"]
