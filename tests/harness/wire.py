"""Requests and answers as bytes: with what a running deployment is audited with."""

from chat.audit.exchange import Exchange, target

__all__ = ["Exchange", "target"]
