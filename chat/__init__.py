"""A chat service over plain HTTP that loses nothing. `chat.create_app` makes it, and the server is loaded only then: not by bin/chat."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.application import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Imports the application only when it is used: bin/chat is installed without Flask and a database."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("chat.application"), name)
