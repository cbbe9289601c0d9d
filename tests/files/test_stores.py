"""The two kinds of store behave alike: a folder, and a bucket on a real S3 server that checks signatures."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.config import Settings, WrongSetting
from chat.services.files import Missing, Store, StoreFailed, open_store
from chat.services.files.bucket import address_of
from chat.services.files.store import new_key
from tests.harness.databases import Databases
from tests.harness.environment import product_settings
from tests.harness.keyspaces import Keyspaces
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.s3_server import BucketServer
from tests.harness.server import Server, free_port
from tests.harness.uploads import get, noise, picture, rows, upload, uploaded

LARGE = 12 * 1024 * 1024
BOUNDED = 2 * 1024 * 1024  # much less than a file
KINDS = ["folder", "bucket"]


@pytest.fixture(scope="module")
def bucket() -> Iterator[BucketServer]:
    with BucketServer() as running:
        yield running


@pytest.fixture
def store(request: pytest.FixtureRequest, bucket: BucketServer, tmp_path: Path) -> Store:
    return open_store(bucket.url if request.param == "bucket" else f"{tmp_path}/a folder/files")


both = pytest.mark.parametrize("store", KINDS, indirect=True)


def keep(store: Store, content: bytes) -> str:
    key = new_key()
    draft = store.draft(key)
    draft.file.write(content)
    draft.keep(hashlib.sha256(content).digest())
    draft.close()
    return key


def whole(store: Store, key: str, size: int) -> bytes:
    return b"".join(store.read(key, 0, size))


@both
def test_what_is_kept_is_read_again(store: Store) -> None:
    for content in (b"", b"a", noise(200_000)):
        assert whole(store, keep(store, content), len(content)) == content


@both
def test_a_part_is_read_alone(store: Store) -> None:
    content = noise(200_000)
    key = keep(store, content)
    for start, stop in ((0, 1), (65_536, 131_073), (199_999, 200_000), (5, 5)):
        assert b"".join(store.read(key, start, stop)) == content[start:stop]


@both
def test_what_is_not_there_is_missing_at_once(store: Store) -> None:
    with pytest.raises(Missing):
        store.read(new_key(), 0, 10)


@both
def test_a_draft_that_is_given_up_leaves_nothing(store: Store) -> None:
    key = new_key()
    draft = store.draft(key)
    draft.file.write(b"half of it")
    draft.close()
    with pytest.raises(Missing):
        store.read(key, 0, 1)


@both
def test_deleting_may_be_done_again(store: Store) -> None:
    key = keep(store, b"hello")
    for _ in range(2):
        store.delete(key)
    store.delete(new_key())
    with pytest.raises(Missing):
        store.read(key, 0, 1)


@both
def test_a_large_file_is_never_in_memory(store: Store) -> None:
    """Neither on its way in nor on its way out."""
    portion = noise(64 * 1024)
    sha256 = hashlib.sha256(portion * (LARGE // len(portion))).digest()
    draft = store.draft(key := new_key())
    tracemalloc.start()
    for _ in range(LARGE // len(portion)):
        draft.file.write(portion)
    draft.keep(sha256)
    draft.close()
    size = sum(len(part) for part in store.read(key, 0, LARGE))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == LARGE
    assert most < BOUNDED


def test_the_folder_is_for_the_service_alone(tmp_path: Path) -> None:
    keep(open_store(str(tmp_path / "files")), b"hello")
    (shard,) = (tmp_path / "files").iterdir()
    assert shard.stat().st_mode & 0o077 == 0


# The bucket


def test_a_wrong_secret_is_refused(bucket: BucketServer) -> None:
    store = open_store(bucket.url_with(bucket.key, "wrong"))
    with pytest.raises(StoreFailed, match="403"):
        keep(store, b"hello")
    fails_rather_than_misses(store)


def fails_rather_than_misses(store: Store) -> None:
    """A file that may exist is not reported as missing."""
    with pytest.raises(StoreFailed) as failed:
        store.read(new_key(), 0, 1)
    assert not isinstance(failed.value, Missing)


def test_a_bucket_that_is_not_there_fails(bucket: BucketServer) -> None:
    store = open_store(bucket.url_with(bucket.key, bucket.secret, "no-such-bucket"))
    fails_rather_than_misses(store)
    with pytest.raises(StoreFailed, match="404"):
        keep(store, b"hello")


def test_a_server_that_is_away_fails() -> None:
    store = open_store(f"s3://key:secret@127.0.0.1:{free_port()}/files?tls=0")
    for act in (lambda: keep(store, b"hello"), lambda: store.read(new_key(), 0, 1), lambda: store.delete(new_key())):
        with pytest.raises(StoreFailed):
            act()


def test_keys_and_secrets_may_hold_anything() -> None:
    address = address_of("s3://a%2Fb:c%40d%3Ae@s3.example:9000/files?region=eu-north-1")
    assert (address.key, address.secret, address.region, address.origin) == ("a/b", "c@d:e", "eu-north-1", "https://s3.example:9000")


# The setting


def setting(url: str, **more: str) -> str:
    return Settings.from_environ(product_settings("postgres://a/b", "redis://a", {"FILES_URL": url, **more})).files_url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/files",
        "http://host/files",
        "s3://",
        "s3://key:secret@host",
        "s3://key:secret@host/",
        "s3://key:secret@host/a/b",
        "s3://key@host/files",
        "s3://host/files",
    ],
)
def test_a_setting_that_names_no_store_stops_the_start(url: str) -> None:
    with pytest.raises(WrongSetting, match="FILES_URL"):
        setting(url)


def test_the_setting_takes_a_folder_or_a_bucket() -> None:
    assert setting("") == "var/files"
    assert setting("", CHAT_DATA="/srv/chat") == "/srv/chat/files"
    assert setting("/srv/files") == "/srv/files"
    assert setting("file:///srv/files") == "file:///srv/files"
    keys = {"AWS_ACCESS_KEY_ID": "a/b", "AWS_SECRET_ACCESS_KEY": "c:d"}
    assert setting("s3://host/files?tls=0", **keys) == "s3://a%2Fb:c%3Ad@host/files?tls=0"


# The service, with a bucket


@pytest.fixture(scope="module")
def on_bucket(databases: Databases, keyspaces: Keyspaces, bucket: BucketServer) -> Iterator[Server]:
    database_url, redis_url = databases.clone(), keyspaces.take()
    with Server(database_url, redis_url, settings={"FILES_URL": bucket.url}) as running:
        yield running
    databases.drop(database_url)
    keyspaces.give_back(redis_url)


@pytest.fixture
def grace(on_bucket: Server) -> Iterator[Person]:
    with Person.signed_in(on_bucket, "grace") as person:
        yield person


def test_a_file_in_a_bucket_comes_back_as_it_was_sent(on_bucket: Server, bucket: BucketServer, grace: Person) -> None:
    room, content = f"/room/{grace.create_room()['id']}", picture(900, 600) + noise(300_000)
    before = bucket.keys()
    file = uploaded(grace, room, content, "a.png")["file"]
    assert get(grace, file["url"]).content == content
    assert get(grace, file["url"], {"Range": "bytes=70000-70009"}).content == content[70_000:70_010]
    assert get(grace, file["preview_url"]).content[:4] == b"RIFF"
    assert len(bucket.keys() - before) == 2


def test_an_upload_that_breaks_off_leaves_nothing_in_the_bucket(on_bucket: Server, bucket: BucketServer, grace: Person) -> None:
    room = f"/room/{grace.create_room()['id']}"
    before = bucket.keys(), rows(on_bucket)
    problem(grace.http.post(f"{room}/files", files={"file": ("a", picture()), "colour": (None, b"red")}), 400)
    assert (bucket.keys(), rows(on_bucket)) == before
    problem(upload(grace, room, noise(15_000_001)), 413)
    assert (bucket.keys(), rows(on_bucket)) == before
