"""The parts of one worker. Assembling them starts nothing and opens no connection; `start` does, once per process."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from chat.services.files import open_store
from chat.services.files.previews import Previews
from chat.services.files.removal import remove_room
from chat.services.files.reservations import Limits
from chat.services.leases import Leases
from chat.services.log import CONNECTIONS, Log, connect
from chat.services.passwords import Passwords
from chat.services.pubsub import PubSub, Replies
from chat.services.rate_limits import ApiKeyLimit, SignInLimit
from chat.services.samples import SampleHistory
from chat.upkeep.presence_report import PresenceReport
from chat.upkeep.purge import Purge
from chat.upkeep.redaction import LogRedaction
from chat.upkeep.repeat import repeat
from chat.upkeep.room_expiry import RoomExpiry
from chat.upkeep.samples import Sampler
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
from chat.usecases.publish import Publisher, Writer
from chat.usecases.read_markers import ReadMarkers
from chat.usecases.room_access import RoomAccess
from chat.usecases.rooms import Rooms
from chat.usecases.search import Search
from chat.usecases.signals import TOPIC, Signals
from chat.usecases.stream import Streams
from chat.usecases.subscribe import Grants, lapsed
from chat.usecases.uploads import Uploads
from chat.usecases.worker_calls import WorkerCalls

LISTEN_AGAIN_SECONDS = 0.5  # between attempts while Redis is away


@dataclass(frozen=True, slots=True)
class History:
    """The database's events, as the hub reads them."""

    reads: Engine

    def head(self) -> int:
        return events.head(self.reads)

    def between(self, above: int, up_to: int, most: int) -> list[Record]:
        return events.between(self.reads, above, up_to, most)

    def within(self, gaps: Sequence[tuple[int, int]]) -> list[Record]:
        return events.within(self.reads, gaps)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a worker that the views call. `reads` is for queries: the use cases alone write."""

    settings: Settings
    reads: Engine
    hub: Hub
    follower: Follower
    heartbeats: Heartbeats
    epoll: EpollSet
    publisher: Publisher
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
    signal_delivery: SignalDelivery
    signals: Signals
    administration: Administration
    presence: Presence
    presence_report: PresenceReport
    sampler: Sampler
    uploads: Uploads
    upload_sweep: UploadSweep
    message_changes: MessageChanges
    room_expiry: RoomExpiry
    purge: Purge
    search: Search
    avatars: Avatars
    redaction: LogRedaction

    def start(self) -> None:
        """Starts the greenlets of this process."""
        self.listen()
        self.presence_report.start()
        self.room_expiry.start()
        self.purge.start()
        self.redaction.start()
        self.upload_sweep.start()
        self.sampler.start()
        self.signal_delivery.start()
        self.signals.start()
        repeat(self.hub, LISTEN_AGAIN_SECONDS, self.pubsub.listen)

    def listen(self) -> None:
        """Follows the log, if it does not yet: a subscription or a readiness check needs it, also without a server that called `start`."""
        self.follower.start()
        self.heartbeats.start()


def assemble(settings: Settings, reads: Engine) -> Service:
    drop_dead_connections(reads)
    engine = in_transactions(reads)
    redis = connect(settings.redis_url, CONNECTIONS)
    log = Log(redis, connect(settings.redis_url, 1))
    publisher = Publisher(log, reads)
    hub = Hub(settings.heartbeat_seconds, BatchSender(settings.io_uring))
    follower = Follower(hub, log, History(reads), publisher.mend)
    publisher.serve(kick=follower.kick, floor=lambda: hub.tail.floor)
    epoll = EpollSet()
    delays = DeliveryDelays()
    hub.after_delivery = delays.delivered
    leases = Leases(redis)
    lookups, identities = Lookups(reads), Identities(reads, settings.secret_key)
    access = RoomAccess(lookups, identities)
    grants = Grants(reads, lookups, lambda: hub.position)
    conversations = Conversations(engine, reads)
    pubsub = PubSub(redis, connect(settings.redis_url, 1))
    signals = Signals(pubsub, leases, reads, lambda: hub.delivered)
    signal_delivery = SignalDelivery(hub)
    pubsub.subscribe(TOPIC, signal_delivery.hear)
    presence = Presence(hub, leases)
    worker_calls = WorkerCalls(pubsub, Replies(redis), leases)
    worker_calls.register(STREAMS, OpenStreams(hub).reply)
    store = open_store(settings.files_url)
    previews = Previews()
    return Service(
        settings=settings,
        reads=reads,
        hub=hub,
        follower=follower,
        heartbeats=Heartbeats(hub, lambda subscribers: lapsed(reads, subscribers)),
        epoll=epoll,
        publisher=publisher,
        identities=identities,
        lookups=lookups,
        room_access=access,
        accounts=Accounts(engine, reads, Passwords(), SignInLimit(redis, settings.redis_url), publisher, settings.secret_key),
        rooms=Rooms(engine, publisher, settings.secret_key),
        conversations=conversations,
        messages=Messages(reads, Writer(reads, publisher, delays), access, conversations),
        read_markers=ReadMarkers(reads, signals),
        streams=Streams(hub, reads, grants),
        long_poll=LongPoll(hub, reads, grants, identities),
        api_keys=ApiKeys(reads, ApiKeyLimit(redis, settings.redis_url), settings.secret_key),
        pubsub=pubsub,
        signal_delivery=signal_delivery,
        signals=signals,
        administration=Administration(engine, reads, publisher, presence, worker_calls),
        presence=presence,
        presence_report=PresenceReport(hub, leases, presence, signals.presence_changed),
        uploads=Uploads(engine, reads, store, _limits(settings), publisher, previews, access),
        upload_sweep=UploadSweep(hub, engine, store),
        message_changes=MessageChanges(engine, store, publisher),
        redaction=LogRedaction(hub, reads, log),
        room_expiry=RoomExpiry(hub, engine, reads, publisher, presence, leases, settings.empty_grace_seconds),
        purge=Purge(hub, reads, log, presence, leases, lambda room_id: remove_room(engine, store, room_id)),
        search=Search(reads),
        avatars=Avatars(reads, previews),
        sampler=Sampler(hub, epoll, engine, delays, SampleHistory(redis, lambda: leases.worker)),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.file_bytes, settings.user_files_bytes, settings.room_files_bytes, settings.files_bytes)
