"""The parts of one worker put together. Making it starts nothing and opens no connection; `start` does, once a process."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from chat.config import Settings
from chat.domain.record import Record
from chat.live.follower import Follower
from chat.live.heart import Heart
from chat.live.hub import Hub
from chat.live.sends import Sends
from chat.live.watch import Watch
from chat.live.whispers import Whispers
from chat.services import events
from chat.services.air import Air
from chat.services.database import drop_dead_connections, in_transactions
from chat.services.figures import Ring
from chat.services.files import open_store
from chat.services.files.previews import Previews
from chat.services.files.removal import remove_room
from chat.services.files.reservations import Limits
from chat.services.leases import Leases
from chat.services.log import CONNECTIONS, Log, connect
from chat.services.passwords import Passwords
from chat.services.questions import Questions
from chat.services.throttle import KeyThrottle, Throttle
from chat.usecases.accounts import Accounts
from chat.usecases.administration import STREAMS, Administration
from chat.usecases.avatars import Avatars
from chat.usecases.closer import Closer
from chat.usecases.connections import Connections
from chat.usecases.corrections import Corrections
from chat.usecases.delays import Delays
from chat.usecases.erasure import Erasure
from chat.usecases.figures import Figures
from chat.usecases.files import Uploads
from chat.usecases.hosting import Hosting
from chat.usecases.identify import Identities
from chat.usecases.keys import Keys
from chat.usecases.lookups import Lookups
from chat.usecases.orders import Orders
from chat.usecases.publish import Publisher, Writer
from chat.usecases.purge import Purge
from chat.usecases.repeat import repeat
from chat.usecases.roster import Roster
from chat.usecases.search import Search
from chat.usecases.signs import TOPIC, Signs
from chat.usecases.subscribe import Grants, lapsed

LISTEN_AGAIN_SECONDS = 0.5  # after Redis went away


@dataclass(frozen=True, slots=True)
class History:
    """The record, as the hub reads it."""

    reads: Engine

    def head(self) -> int:
        return events.head(self.reads)

    def between(self, above: int, up_to: int, most: int) -> list[Record]:
        return events.between(self.reads, above, up_to, most)

    def within(self, gaps: Sequence[tuple[int, int]]) -> list[Record]:
        return events.within(self.reads, gaps)


@dataclass(frozen=True, slots=True)
class Service:
    """What the views call. `engine` is for transactions, `reads` for what needs none."""

    settings: Settings
    engine: Engine
    reads: Engine
    hub: Hub
    follower: Follower
    heart: Heart
    watch: Watch
    publisher: Publisher
    writer: Writer
    identities: Identities
    lookups: Lookups
    grants: Grants
    accounts: Accounts
    hosting: Hosting
    keys: Keys
    air: Air
    whispers: Whispers
    signs: Signs
    administration: Administration
    connections: Connections
    figures: Figures
    uploads: Uploads
    corrections: Corrections
    closer: Closer
    purge: Purge
    search: Search
    avatars: Avatars
    erasure: Erasure

    def start(self) -> None:
        """Follows the log from now on."""
        self.listen()
        self.connections.start()
        self.closer.start()
        self.purge.start()
        self.erasure.start()
        self.uploads.start(self.hub)
        self.figures.start()
        self.whispers.start()
        self.signs.start()
        repeat(self.hub, LISTEN_AGAIN_SECONDS, self.air.listen)

    def listen(self) -> None:
        """Hears the log, if it does not yet: what a subscription or a check of readiness needs, without a server that called `start`."""
        self.follower.start()
        self.heart.start()


def assemble(settings: Settings, reads: Engine) -> Service:
    drop_dead_connections(reads)
    engine = in_transactions(reads)
    redis = connect(settings.redis_url, CONNECTIONS)
    log = Log(redis, connect(settings.redis_url, 1))
    publisher = Publisher(log, reads)
    hub = Hub(settings.heartbeat_seconds, Sends(settings.io_uring))
    follower = Follower(hub, log, History(reads), publisher.mend)
    publisher.serve(kick=follower.kick, floor=lambda: hub.tail.floor)
    watch = Watch()
    delays = Delays()
    hub.after_delivery = delays.delivered
    leases = Leases(redis)
    lookups = Lookups(reads)
    air = Air(redis, connect(settings.redis_url, 1))
    signs = Signs(air, leases, reads, lambda: hub.delivered)
    whispers = Whispers(hub)
    air.hears(TOPIC, whispers.hear)
    connections = Connections(hub, leases, signs.came_and_went)
    orders = Orders(Questions(redis, air), leases)
    orders.answers(STREAMS, Roster(hub).reply)
    store = open_store(settings.files_url)
    previews = Previews()
    return Service(
        settings=settings,
        engine=engine,
        reads=reads,
        hub=hub,
        follower=follower,
        heart=Heart(hub, lambda subscribers: lapsed(reads, subscribers)),
        watch=watch,
        publisher=publisher,
        writer=Writer(reads, publisher, delays),
        identities=Identities(reads, settings.secret_key),
        lookups=lookups,
        grants=Grants(reads, lookups, lambda: hub.position),
        accounts=Accounts(engine, Passwords(), Throttle(redis, settings.redis_url), publisher, settings.secret_key),
        hosting=Hosting(engine, publisher, settings.secret_key),
        keys=Keys(reads, KeyThrottle(redis, settings.redis_url), settings.secret_key),
        air=air,
        whispers=whispers,
        signs=signs,
        administration=Administration(engine, reads, publisher, connections, orders),
        connections=connections,
        uploads=Uploads(engine, reads, store, _limits(settings), publisher, previews),
        corrections=Corrections(engine, store, publisher),
        erasure=Erasure(hub, reads, log),
        closer=Closer(hub, engine, reads, publisher, connections, leases, settings.empty_grace_seconds),
        purge=Purge(hub, reads, log, connections, leases, lambda room_id: remove_room(engine, store, room_id)),
        search=Search(reads),
        avatars=Avatars(reads, previews),
        figures=Figures(hub, watch, engine, delays, Ring(redis, lambda: leases.worker)),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.file_bytes, settings.user_files_bytes, settings.room_files_bytes, settings.files_bytes)
