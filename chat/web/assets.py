"""The page's files: read, bundled, compressed and versioned once a process. A file's address holds the version of all files, so that a
browser may cache it for good; a deploy has other addresses."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from gevent.threadpool import ThreadPool

from chat.web import stylesheets
from chat.web.bundle import FIRST, SECOND, bundles

STATIC = Path(__file__).parent / "static"
ENTRY = "app/main.js"
STYLE = "bundle.css"
STYLES = {"styles/main.css": STYLE, "styles/documents.css": "documents.css"}  # each entry, and the file that is made of what it imports
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".md": "text/plain"}
VERSION_DIGITS = 12
BROTLI_QUALITY = 10  # a seventh smaller than gzip, in 0.15 s for all files; quality 11 takes twice as long and saves a sixtieth
BROTLI = (FIRST, SECOND, STYLE)  # the files that a first visit waits for


@dataclass(frozen=True, slots=True)
class Asset:
    """packed: by content coding, the smallest first, without those that do not make the file smaller."""

    body: bytes
    packed: Mapping[str, bytes]
    mimetype: str
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """files: by path. version: of all files together."""

    files: dict[str, Asset]
    version: str


def current() -> Assets:
    """The files of this process, made at the first request, in a thread so that other requests do not wait."""
    return _made() if _made.cache_info().currsize else _thread().apply(_made)


@cache
def _made() -> Assets:
    return made_of(dict(_contents(STATIC)))


@cache
def _thread() -> ThreadPool:
    return ThreadPool(1)


def made_of(contents: dict[str, bytes]) -> Assets:
    """Raises NotUnderstood if a module cannot be bundled."""
    modules = {path: content.decode() for path, content in contents.items() if path.endswith(".js")}
    made = {name: script.encode() for name, script in bundles(ENTRY, modules).items()}
    styles = {path: content.decode() for path, content in contents.items() if path.endswith(".css")}
    made |= {name: stylesheets.joined(entry, styles).encode() for entry, name in STYLES.items()}
    files = {path: asset(path, content) for path, content in (contents | made).items()}
    sums = "".join(f"{path} {file.etag}\n" for path, file in sorted(files.items()))
    return Assets(files, _sum(sums.encode())[:VERSION_DIGITS])


def asset(path: str, content: bytes) -> Asset:
    packed = {"br": brotli.compress(content, quality=BROTLI_QUALITY)} if path in BROTLI else {}
    packed["gzip"] = gzip.compress(content, mtime=0)
    smaller = {coding: body for coding, body in packed.items() if len(body) < len(content)}
    mimetype = TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Asset(content, smaller, mimetype, _sum(content))


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
