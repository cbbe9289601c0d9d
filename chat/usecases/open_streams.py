"""The open streams of this worker, for the operator's list: the reply to the worker call `streams`."""

from time import monotonic
from typing import Any

from chat.live.hub import Hub
from chat.live.subscriber import Subscriber

ROOMS_SHOWN = 100  # of one stream


class OpenStreams:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def reply(self, most: int) -> dict[str, Any]:
        """The number of streams, and the `most` that are open longest."""
        longest_first = sorted(self._hub.subscribers, key=lambda subscriber: subscriber.opened_at)
        return {"streams": len(longest_first), "lines": [_line(subscriber) for subscriber in longest_first[:most]]}


def _line(subscriber: Subscriber) -> dict[str, Any]:
    rooms = [channel[1] for channel in subscriber.channels if channel[0] == "room"]
    return {
        "user_id": subscriber.user_id,
        "transport": "long-poll" if subscriber.subscription.polls else "sse",
        "rooms": rooms[:ROOMS_SHOWN],
        "inbox": any(channel[0] == "inbox" for channel in subscriber.channels),
        "follows": subscriber.subscription.follows,
        "age": round(monotonic() - subscriber.opened_at, 3),
        "backlog": subscriber.backlog,
        "address": subscriber.address,
    }
