"""A file's name, its type by its first bytes, and its Content-Disposition. The type that a client states is ignored."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

NAME_LENGTH = 150
ENDING_LENGTH = 12  # with its dot; it is kept when a name is cut
HEAD_BYTES = 4096  # of a file that are examined
UNKNOWN = "application/octet-stream"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
SHOWN = PICTURES | {"video/mp4", "video/webm", "audio/mp4", "audio/ogg", "video/ogg", "audio/mpeg", "audio/wav", "audio/flac"}

ATTRIBUTE = "!#$&+-.^_`|~"  # allowed in filename* beside letters and digits (RFC 8187)
MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"})
MP3_FRAME = re.compile(rb"\xff[\xf2\xf3\xfa\xfb][\x10-\xef]")


@dataclass(frozen=True, slots=True)
class FileName:
    """The name of the form's file, whose bytes follow."""

    name: str


@dataclass(frozen=True, slots=True)
class Caption:
    """The form's text."""

    text: str


Piece = FileName | Caption | bytes  # an upload is read as these, in the order of its form


def file_name(path: str) -> str:
    """The last part of a path, in printable characters. The name is for people only: no path is ever made of it."""
    last = re.split(r"[/\\]", path.replace("%22", '"'))[-1]  # browsers write a quotation mark so (HTML standard, multipart/form-data)
    name = "".join([character for character in unicodedata.normalize("NFC", last) if character.isprintable()]).strip()
    if not name.strip(". "):
        return "file"
    if name == "preview":
        return "preview.file"  # its address would be the preview's
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name) <= NAME_LENGTH:
        return name
    dot = name.rfind(".", -ENDING_LENGTH)
    ending = name[dot:] if dot > 0 else ""
    return name[: NAME_LENGTH - len(ending)] + ending


def sniff(head: bytes) -> str:
    """The type by the first bytes, if it is one that a page may show; else UNKNOWN."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[4:8] == b"ftyp":
        return _boxed(head[8:12])
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    if head.startswith(b"\x1aE\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]:  # EBML whose DocType is webm
        return "video/webm"
    if head.startswith(b"OggS"):
        return "video/ogg" if b"theora" in head[:64] else "audio/ogg"
    return "audio/mpeg" if MP3_FRAME.match(head) else UNKNOWN


_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"ID3\x02", "audio/mpeg"),
    (b"ID3\x03", "audio/mpeg"),
    (b"ID3\x04", "audio/mpeg"),
)


def _boxed(brand: bytes) -> str:
    """The first box of an ISO base media file names its type."""
    if brand in (b"avif", b"avis"):
        return "image/avif"
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    return "video/mp4" if brand in MP4_BRANDS else UNKNOWN


def disposition(kind: str, name: str) -> str:
    """The Content-Disposition of a file (RFC 6266, RFC 8187). The name can end neither the field nor its quotes."""
    how = "inline" if kind in SHOWN else "attachment"
    plain = re.sub(r"[^A-Za-z0-9 ._()+=,-]", "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=ATTRIBUTE)}"
