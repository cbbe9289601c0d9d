"""An S3 bucket as a store: botocore signs the requests, urllib3 sends them and reads the responses in portions.

An upload is collected in a temporary file first, because a PUT states its length and hash before its bytes."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from chat.services.files.store import EMPTY_SHA256, PORTION_BYTES, Missing, StoreFailed, failures

CONNECTIONS = 10  # that are kept open; more are opened on demand
TIMES = urllib3.Timeout(connect=5, read=30)  # seconds
REGION = "us-east-1"  # the name that servers without regions use


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bucket is, and the credentials for it."""

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
    """Parses s3://key:secret@host[:port]/bucket?region=…&tls=0|1, in which the key and the secret may be percent-encoded."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    key, secret = unquote(parts.username or ""), unquote(parts.password or "")
    region, tls = query.get("region", [REGION])[0], query.get("tls", ["1"])[0] != "0"
    return Address(parts.hostname or "", parts.port, parts.path.strip("/"), key, secret, region, tls)


class Signer(S3SigV4Auth):  # type: ignore[misc]
    """Signs a request with the known hash of its body: the bucket refuses other bytes."""

    def __init__(self, address: Address, sha256: bytes) -> None:
        super().__init__(Credentials(address.key, address.secret), "s3", address.region)
        self._sha256 = sha256

    def payload(self, request: AWSRequest) -> str:  # noqa: ARG002 - its base would read the body to hash it
        return self._sha256.hex()


class BucketDraft:
    def __init__(self, bucket: "Bucket", key: str) -> None:
        self._bucket = bucket
        self._key = key
        with failures():
            self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`

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
        response = self._request("PUT", key, headers, content if length else b"", sha256)
        _require(response, 200)

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        if start >= stop:
            return iter(())
        response = self._request("GET", key, {"Range": f"bytes={start}-{stop - 1}"}, whole=False)
        _require(response, 206)
        return _portions(response)

    def delete(self, key: str) -> None:
        _require(self._request("DELETE", key, {}), 200, 204, 404)

    def _request(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str],
        body: BinaryIO | bytes | None = None,
        sha256: bytes = EMPTY_SHA256,
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


def _require(response: Any, *statuses: int) -> None:
    if response.status in statuses:
        return
    body = response.data[:300]
    raise (Missing if b"NoSuchKey" in body else StoreFailed)(f"the bucket answered {response.status}: {body!r}")


def _portions(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Closes the response even if its reader stops in the middle, so that its connection is not reused with unread bytes."""
    try:
        yield from response.stream(PORTION_BYTES)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreFailed(f"the bucket's answer breaks off: {error}") from error
    finally:
        response.close()
