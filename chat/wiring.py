"""The parts of one worker. Making them starts nothing and opens no connection; `start` does, once per process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine

from chat.config import Settings
from chat.domain.epochs import LogState
from chat.domain.record import Record
from chat.live.batch_send import BatchSender
from chat.live.epoll import EpollSet
from chat.live.follower import Follower
from chat.live.heartbeats import Heartbeats
from chat.live.hub import Hub
from chat.live.signals import SignalDelivery
from chat.services import epochs, events
from chat.services.database import in_transactions, prepare_connections
from chat.services.delivery_delays import DeliveryDelays
from chat.services.files import open_store
from chat.services.files.previews import Previews
from chat.services.files.removal import remove_room
from chat.services.files.reservations import Limits
from chat.services.leases import Leases
from chat.services.log_stream import CONNECTIONS, Log, connect
from chat.services.passwords import Passwords
from chat.services.pubsub import PubSub, Replies
from chat.services.rate_limits import ApiKeyLimit, SignInLimit
from chat.services.sample_history import SampleHistory
from chat.upkeep.log_redaction import LogRedaction
from chat.upkeep.presence_report import PresenceReport
from chat.upkeep.purge import Purge
from chat.upkeep.repeat import repeat
from chat.upkeep.room_expiry import RoomExpiry
from chat.upkeep.sampler import Sampler
from chat.upkeep.upload_sweep import UploadSweep
from chat.usecases.accounts import Accounts
from chat.usecases.administration import STREAMS, Administration
from chat.usecases.api_keys import ApiKeys
from chat.usecases.avatars import Avatars
from chat.usecases.conversations import Conversations
from chat.usecases.identities import Identities
from chat.usecases.long_poll import LongPoll
from chat.usecases.lookups import Lookups
from chat.usecases.message_changes import MessageChanges
from chat.usecases.messages import Messages
from chat.usecases.open_streams import OpenStreams
from chat.usecases.presence import Presence
from chat.usecases.publisher import Publisher
from chat.usecases.read_markers import ReadMarkers
from chat.usecases.room_access import RoomAccess
from chat.usecases.rooms import Rooms
from chat.usecases.search import Search
from chat.usecases.signals import TOPIC, Signals
from chat.usecases.stream import Streams
from chat.usecases.subscribe import Grants, lapsed
from chat.usecases.uploads import Uploads
from chat.usecases.worker_calls import WorkerCalls
from chat.usecases.writer import Writer

LISTEN_AGAIN_SECONDS = 0.5  # between attempts while Redis is away


@dataclass(frozen=True, slots=True)
class History:
    """The database's events, as the hub reads them."""

    reads: Engine

    def state(self, known: int) -> LogState:
        return epochs.state(self.reads, known)

    def between(self, above: int, up_to: int, most: int) -> list[Record]:
        return events.read_range(self.reads, above, up_to, most)

    def within(self, gaps: Sequence[tuple[int, int]]) -> list[Record]:
        return events.read_gaps(self.reads, gaps)


class Startable(Protocol):
    """Runs in a greenlet of its own from its start on."""

    def start(self) -> None: ...


class Core:
    """The stores, and the way of an event from its commit to the subscribers of this worker."""

    def __init__(self, settings: Settings, reads: Engine) -> None:
        prepare_connections(reads)
        self.settings, self.reads, self._engine = settings, reads, in_transactions(reads)
        self._redis, self._files = connect(settings.redis_url, CONNECTIONS), open_store(settings.files_url)
        self._log = Log(self._redis, connect(settings.redis_url, 1))
        self._publisher = Publisher(self._log, reads)
        self.hub = Hub(settings.heartbeat_seconds, BatchSender(settings.io_uring))
        self.follower = Follower(self.hub, self._log, History(reads), self._publisher.mend, settings.deaf_seconds)
        self._publisher.serve(kick=self.follower.kick, floor=lambda: self.hub.tail.floor)
        self._delays = DeliveryDelays()
        self.hub.after_delivery = self._delays.delivered
        self._leases = Leases(self._redis)
        self.pubsub = PubSub(self._redis, connect(settings.redis_url, 1))
        self.signals = Signals(self.pubsub, self._leases, reads, lambda: self.hub.delivered)
        self.presence = Presence(self.hub, self._leases)


class Service(Core):
    """The parts of a worker that the views call. `reads` is for queries: the use cases alone write."""

    def __init__(self, settings: Settings, reads: Engine) -> None:
        super().__init__(settings, reads)
        engine, redis, publisher, hub, secret_key = self._engine, self._redis, self._publisher, self.hub, settings.secret_key
        self.heartbeats = Heartbeats(hub, lambda subscribers: lapsed(reads, subscribers))
        self.epoll, previews = EpollSet(), Previews()
        self.identities, self.lookups = Identities(reads, secret_key), Lookups(reads)
        self.room_access = RoomAccess(self.lookups, self.identities)
        self.accounts = Accounts(engine, reads, Passwords(), SignInLimit(redis, settings.redis_url), publisher, secret_key)
        self.rooms = Rooms(engine, publisher, secret_key)
        self.conversations = Conversations(engine, reads)
        self.writer = Writer(reads, publisher, self._delays, lambda: hub.position)
        self.messages = Messages(reads, self.writer, self.room_access, self.conversations)
        self.read_markers = ReadMarkers(reads, self.signals)
        grants = Grants(reads, self.lookups, lambda: hub.position)
        self.streams = Streams(hub, reads, grants)
        self.long_poll = LongPoll(hub, reads, grants, self.identities)
        self.api_keys = ApiKeys(reads, ApiKeyLimit(redis, settings.redis_url), secret_key)
        worker_calls = WorkerCalls(self.pubsub, Replies(redis), self._leases)
        worker_calls.register(STREAMS, OpenStreams(hub).reply)
        self.administration = Administration(engine, reads, publisher, self.presence, worker_calls)
        self.presence_report = PresenceReport(hub, self._leases, self.presence, self.signals.presence_changed)
        self.sampler = Sampler(hub, self.epoll, engine, self._delays, SampleHistory(redis, lambda: self._leases.worker))
        limits = Limits(settings.file_bytes, settings.user_files_bytes, settings.room_files_bytes, settings.files_bytes)
        self.uploads = Uploads(engine, reads, self._files, limits, publisher, previews, self.room_access)
        self.message_changes = MessageChanges(engine, self._files, publisher)
        self.search, self.avatars = Search(reads), Avatars(reads, previews)
        self._signal_delivery = SignalDelivery(hub)
        self.pubsub.subscribe(TOPIC, self._signal_delivery.receive)

    def start(self) -> None:
        """Starts the greenlets of this process."""
        self.listen()
        for part in self._background():
            part.start()
        repeat(self.hub, LISTEN_AGAIN_SECONDS, self.pubsub.listen)

    def listen(self) -> None:
        """Follows the log, if it does not yet: a subscription or a readiness check needs it, also without a server that called `start`."""
        self.follower.start()
        self.heartbeats.start()

    def _background(self) -> Iterable[Startable]:
        hub, engine, reads, leases = self.hub, self._engine, self.reads, self._leases
        yield from (self.presence_report, self.sampler)
        yield RoomExpiry(hub, engine, reads, self._publisher, self.presence, leases, self.settings.empty_grace_seconds)
        yield Purge(hub, reads, self._log, self.presence, leases, lambda room_id: remove_room(engine, self._files, room_id))
        yield LogRedaction(hub, reads, self._log)
        yield UploadSweep(hub, engine, self._files)
        yield from (self._signal_delivery, self.signals)
