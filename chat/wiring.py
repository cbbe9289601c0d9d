"""The parts of one worker. Assembling them starts nothing and opens no connection; `start` does, once per process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from redis import Redis
from sqlalchemy import Engine

from chat.config import Settings
from chat.domain.record import Record
from chat.live.batch_send import BatchSender
from chat.live.epoll import EpollSet
from chat.live.follower import Follower
from chat.live.heartbeats import Heartbeats
from chat.live.hub import Hub
from chat.live.signals import SignalDelivery
from chat.services import events
from chat.services.database import drop_dead_connections, in_transactions
from chat.services.delivery_delays import DeliveryDelays
from chat.services.files import Store, open_store
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

    def head(self) -> int:
        return events.head(self.reads)

    def between(self, above: int, up_to: int, most: int) -> list[Record]:
        return events.read_range(self.reads, above, up_to, most)

    def within(self, gaps: Sequence[tuple[int, int]]) -> list[Record]:
        return events.read_gaps(self.reads, gaps)


class Startable(Protocol):
    """Runs in a greenlet of its own from its start on."""

    def start(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Core:
    """The stores, and the way of an event from its commit to the subscribers of this worker."""

    settings: Settings
    engine: Engine
    reads: Engine
    redis: Redis
    log: Log
    publisher: Publisher
    hub: Hub
    follower: Follower
    delays: DeliveryDelays
    leases: Leases
    pubsub: PubSub
    presence: Presence
    signals: Signals
    files: Store


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a worker that the views call. `reads` is for queries: the use cases alone write."""

    settings: Settings
    reads: Engine
    hub: Hub
    follower: Follower
    heartbeats: Heartbeats
    epoll: EpollSet
    identities: Identities
    lookups: Lookups
    room_access: RoomAccess
    accounts: Accounts
    rooms: Rooms
    conversations: Conversations
    messages: Messages
    read_markers: ReadMarkers
    streams: Streams
    long_poll: LongPoll
    api_keys: ApiKeys
    pubsub: PubSub
    signals: Signals
    administration: Administration
    presence: Presence
    presence_report: PresenceReport
    sampler: Sampler
    uploads: Uploads
    message_changes: MessageChanges
    search: Search
    avatars: Avatars
    background: Sequence[Startable]

    def start(self) -> None:
        """Starts the greenlets of this process."""
        self.listen()
        for part in self.background:
            part.start()
        repeat(self.hub, LISTEN_AGAIN_SECONDS, self.pubsub.listen)

    def listen(self) -> None:
        """Follows the log, if it does not yet: a subscription or a readiness check needs it, also without a server that called `start`."""
        self.follower.start()
        self.heartbeats.start()


def assemble(settings: Settings, reads: Engine) -> Service:
    drop_dead_connections(reads)
    core = _core(settings, reads)
    engine, hub, publisher, epoll, previews = core.engine, core.hub, core.publisher, EpollSet(), Previews()
    lookups, identities = Lookups(reads), Identities(reads, settings.secret_key)
    access = RoomAccess(lookups, identities)
    grants = Grants(reads, lookups, lambda: hub.position)
    conversations = Conversations(engine, reads)
    presence_report = PresenceReport(hub, core.leases, core.presence, core.signals.presence_changed)
    sampler = Sampler(hub, epoll, engine, core.delays, SampleHistory(core.redis, lambda: core.leases.worker))
    worker_calls = WorkerCalls(core.pubsub, Replies(core.redis), core.leases)
    worker_calls.register(STREAMS, OpenStreams(hub).reply)
    return Service(
        settings=settings,
        reads=reads,
        hub=hub,
        follower=core.follower,
        heartbeats=Heartbeats(hub, lambda subscribers: lapsed(reads, subscribers)),
        epoll=epoll,
        identities=identities,
        lookups=lookups,
        room_access=access,
        accounts=Accounts(engine, reads, Passwords(), SignInLimit(core.redis, settings.redis_url), publisher, settings.secret_key),
        rooms=Rooms(engine, publisher, settings.secret_key),
        conversations=conversations,
        messages=Messages(reads, Writer(reads, publisher, core.delays), access, conversations),
        read_markers=ReadMarkers(reads, core.signals),
        streams=Streams(hub, reads, grants),
        long_poll=LongPoll(hub, reads, grants, identities),
        api_keys=ApiKeys(reads, ApiKeyLimit(core.redis, settings.redis_url), settings.secret_key),
        pubsub=core.pubsub,
        signals=core.signals,
        administration=Administration(engine, reads, publisher, core.presence, worker_calls),
        presence=core.presence,
        presence_report=presence_report,
        sampler=sampler,
        uploads=Uploads(engine, reads, core.files, _limits(settings), publisher, previews, access),
        message_changes=MessageChanges(engine, core.files, publisher),
        search=Search(reads),
        avatars=Avatars(reads, previews),
        background=(presence_report, sampler, *_background(core)),
    )


def _core(settings: Settings, reads: Engine) -> Core:
    engine, redis = in_transactions(reads), connect(settings.redis_url, CONNECTIONS)
    log = Log(redis, connect(settings.redis_url, 1))
    publisher = Publisher(log, reads)
    hub = Hub(settings.heartbeat_seconds, BatchSender(settings.io_uring))
    follower = Follower(hub, log, History(reads), publisher.mend)
    publisher.serve(kick=follower.kick, floor=lambda: hub.tail.floor)
    delays = DeliveryDelays()
    hub.after_delivery = delays.delivered
    leases, pubsub = Leases(redis), PubSub(redis, connect(settings.redis_url, 1))
    signals = Signals(pubsub, leases, reads, lambda: hub.delivered)
    return Core(
        settings=settings,
        engine=engine,
        reads=reads,
        redis=redis,
        log=log,
        publisher=publisher,
        hub=hub,
        follower=follower,
        delays=delays,
        leases=leases,
        pubsub=pubsub,
        presence=Presence(hub, leases),
        signals=signals,
        files=open_store(settings.files_url),
    )


def _background(core: Core) -> Sequence[Startable]:
    hub, engine, reads, presence, leases = core.hub, core.engine, core.reads, core.presence, core.leases
    signal_delivery = SignalDelivery(hub)
    core.pubsub.subscribe(TOPIC, signal_delivery.receive)
    return (
        RoomExpiry(hub, engine, reads, core.publisher, presence, leases, core.settings.empty_grace_seconds),
        Purge(hub, reads, core.log, presence, leases, lambda room_id: remove_room(engine, core.files, room_id)),
        LogRedaction(hub, reads, core.log),
        UploadSweep(hub, engine, core.files),
        signal_delivery,
        core.signals,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.file_bytes, settings.user_files_bytes, settings.room_files_bytes, settings.files_bytes)
