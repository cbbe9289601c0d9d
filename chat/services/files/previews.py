"""Previews of pictures: small, encoded anew without anything of the original but its pixels, made in a thread of its own.

What cannot be decoded, or would take too much memory, has none."""

import io
import logging
import os
from dataclasses import dataclass
from typing import BinaryIO

from gevent.threadpool import ThreadPool
from PIL import Image, ImageOps

logger = logging.getLogger(__name__)

PREVIEW_PIXELS = (640, 640)
DECODED_PIXELS = 24_000_000  # about 100 MB while they are scaled down: what a small instance can spare
SCALED_PIXELS = 64_000_000  # of a JPEG that is scaled while it is decoded: a telephone's largest
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
QUALITY = 80
WAITING = 8  # past it a picture is posted without a preview rather than late
TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's size as it is to be seen, in pixels, and its preview (WebP)."""

    width: int
    height: int
    preview: bytes | None


class Previews:
    """One picture at a time."""

    def __init__(self) -> None:
        self._threads: ThreadPool | None = None
        self._waiting = 0

    def make(self, file: BinaryIO) -> Picture | None:
        """None for what is no picture that can be read, and while too many wait."""
        if self._waiting >= WAITING:
            return None
        if self._threads is None:
            self._threads = ThreadPool(1)
        file.flush()
        self._waiting += 1
        try:
            return self._threads.apply(_look, (os.dup(file.fileno()),))
        finally:
            self._waiting -= 1


def _look(descriptor: int) -> Picture | None:
    """The descriptor is the thread's own: the request may be over before it has read all."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        try:
            return _picture(file)
        except Exception as error:  # noqa: BLE001 - decoders of foreign bytes fail in any way, and the upload must not
            logger.info("no preview: %r", error)
            return None


def _picture(file: BinaryIO) -> Picture:
    with Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        scaled = image.format == "JPEG" and not image.info.get("progressive")
        fits = width * height <= (SCALED_PIXELS if scaled else DECODED_PIXELS)
        if image.getexif().get(ORIENTATION) in TURNED:
            width, height = height, width
        return Picture(width, height, _preview(image) if fits else None)


def _preview(image: Image.Image) -> bytes | None:
    """None where the pixels cannot be read though the head can."""
    try:
        image.thumbnail(PREVIEW_PIXELS)
        plain = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    except Exception as error:  # noqa: BLE001 - as above
        logger.info("no preview: %r", error)
        return None
    plain.info.clear()
    encoded = io.BytesIO()
    plain.save(encoded, "WEBP", quality=QUALITY)
    return encoded.getvalue()
