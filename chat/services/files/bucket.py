"""A bucket that speaks the S3 protocol as a store: requests signed by botocore, sent and read in portions by urllib3.

What is uploaded is collected in a nameless file first, for a PUT says its length and its hash before its bytes."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chat.services.files.store import PORTION_BYTES, Missing, StoreFailed

CONNECTIONS = 10  # that are kept open; more are made where they are needed
TIMES = urllib3.Timeout(connect=5, read=30)  # seconds
REGION = "us-east-1"  # what servers that know no regions call their one
NOTHING = hashlib.sha256().digest()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bucket is, and who asks."""

    host: str
    port: int | None
    bucket: str
    key: str
    secret: str
    region: str
    tls: bool

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}{f':{self.port}' if self.port else ''}"


def address_of(url: str) -> Address:
    """Of s3://key:secret@host[:port]/bucket?region=…&tls=0|1; the key and the secret percent-encoded where need be."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    key, secret = unquote(parts.username or ""), unquote(parts.password or "")
    region, tls = asked.get("region", [REGION])[0], asked.get("tls", ["1"])[0] != "0"
    return Address(parts.hostname or "", parts.port, parts.path.strip("/"), key, secret, region, tls)


class Signer(S3SigV4Auth):  # type: ignore[misc]
    """Signs a request whose body's hash is known: the bucket refuses other bytes."""

    def __init__(self, address: Address, sha256: bytes) -> None:
        super().__init__(Credentials(address.key, address.secret), "s3", address.region)
        self._sha256 = sha256

    def payload(self, request: AWSRequest) -> str:  # noqa: ARG002 - it would read the body to find out
        return self._sha256.hex()


class BucketDraft:
    def __init__(self, bucket: "Bucket", key: str) -> None:
        self._bucket = bucket
        self._key = key
        try:
            self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        except OSError as error:
            raise StoreFailed(str(error)) from error

    def keep(self, sha256: bytes) -> None:
        length = self.file.seek(0, 2)
        self.file.seek(0)
        self._bucket.put(self._key, self.file, length, sha256)

    def close(self) -> None:
        self.file.close()


class Bucket:
    def __init__(self, address: Address) -> None:
        self._address = address
        self._http = urllib3.PoolManager(maxsize=CONNECTIONS, timeout=TIMES, retries=False)

    def draft(self, key: str) -> BucketDraft:
        return BucketDraft(self, key)

    def put(self, key: str, content: BinaryIO, length: int, sha256: bytes) -> None:
        headers = {"Content-Length": str(length), "Content-Type": "application/octet-stream"}
        answer = self._ask("PUT", key, headers, content if length else b"", sha256)
        _require(answer, 200)

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        if start >= stop:
            return iter(())
        answer = self._ask("GET", key, {"Range": f"bytes={start}-{stop - 1}"}, whole=False)
        _require(answer, 206)
        return _portions(answer)

    def delete(self, key: str) -> None:
        _require(self._ask("DELETE", key, {}), 200, 204, 404)

    def _ask(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str],
        body: BinaryIO | bytes | None = None,
        sha256: bytes = NOTHING,
        *,
        whole: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        url = f"{self._address.origin}/{self._address.bucket}/{key}"
        request = AWSRequest(method, url, headers)
        Signer(self._address, sha256).add_auth(request)
        try:
            return self._http.request(method, url, body=body, headers=dict(request.headers.items()), preload_content=whole, redirect=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreFailed(f"{method} to the bucket: {error}") from error


def _require(answer: Any, *statuses: int) -> None:
    if answer.status in statuses:
        return
    said = answer.data[:300]
    raise (Missing if b"NoSuchKey" in said else StoreFailed)(f"the bucket answered {answer.status}: {said!r}")


def _portions(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Also where it is left in the middle, the connection is not used again with bytes on it that nobody read."""
    try:
        yield from answer.stream(PORTION_BYTES)
    finally:
        answer.close()
