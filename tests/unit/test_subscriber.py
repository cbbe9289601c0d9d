"""Who may write what of a subscriber: its own module does, and the others call its methods."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import chat
from chat.domain.event import room_channel
from chat.live import subscriber
from chat.live.subscriber import QueueSubscriber, SocketSubscriber, Subscriber, Subscription

PACKAGE = Path(chat.__file__).parent
ATTRIBUTES = {name for kind in (Subscriber, SocketSubscriber, QueueSubscriber) for name in kind.__slots__}


def written(source: str) -> Iterator[str]:
    """The attributes of a subscriber that are assigned to from outside."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and node.attr in ATTRIBUTES and not _is_own(node):
            yield ast.unparse(node)


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def test_only_its_own_module_writes_to_a_subscriber() -> None:
    others = [module for module in PACKAGE.rglob("*.py") if module != Path(subscriber.__file__)]
    assert [name for module in others for name in written(module.read_text())] == []


@pytest.mark.parametrize("source", ["one.cursor = 5", "subscriber.cursor += 1", "a.channels, a.slot = (), 0"])
def test_a_write_from_outside_would_be_found(source: str) -> None:
    assert list(written(source))


def test_the_streams_of_a_room_share_what_they_asked_for() -> None:
    """And a long list of rooms is kept by its stream alone: a client must not fill the memory of the worker with lists."""
    rooms = tuple(room_channel(number) for number in range(3))
    assert Subscription.shared(False, False, rooms[:1]) is Subscription.shared(False, False, (room_channel(0),))
    assert Subscription.shared(False, True, rooms) is not Subscription.shared(False, True, rooms)
