"""Previews and avatars: pictures scaled down and encoded anew, from the original's pixels alone, in a thread.

A picture that cannot be decoded, or would take too much memory, has none."""

import io
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from gevent.threadpool import ThreadPool
from PIL import Image, ImageOps

from chat.domain.refusals import Busy

logger = logging.getLogger(__name__)

PREVIEW_PIXELS = (640, 640)
AVATAR_PIXELS = (256, 256)
DECODED_PIXELS = 24_000_000  # about 100 MB while they are scaled down, which a small instance can spare
SCALED_PIXELS = 64_000_000  # of a JPEG, which is scaled while it is decoded: the largest picture of a phone
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
QUALITY = 80
WAITING = 8  # past it a picture is posted without a preview instead of late
SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
ORIENTATION = 0x0112

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Picture:
    """The size of a picture as it is displayed, in pixels, and its preview (WebP)."""

    width: int
    height: int
    preview: bytes | None


class Previews:
    """Handles one picture at a time."""

    def __init__(self) -> None:
        self._threads: ThreadPool | None = None
        self._waiting = 0

    def make(self, file: BinaryIO) -> Picture | None:
        """Returns None if the file is not a readable picture, or if too many wait."""
        try:
            return self._in_thread(_picture, file)
        except Busy:
            return None

    def avatar(self, file: BinaryIO) -> bytes | None:
        """The middle square of a picture (WebP). Returns None if the file is not a readable picture. Raises Busy while too many wait."""
        return self._in_thread(_avatar, file)

    def _in_thread(self, work: Callable[[BinaryIO], Result | None], file: BinaryIO) -> Result | None:
        if self._waiting >= WAITING:
            raise Busy
        if self._threads is None:
            self._threads = ThreadPool(1)
        file.flush()
        self._waiting += 1
        try:
            result: Result | None = self._threads.apply(_run, (work, os.dup(file.fileno())))
        finally:
            self._waiting -= 1
        return result


def _run(work: Callable[[BinaryIO], Result | None], descriptor: int) -> Result | None:
    """The descriptor is a duplicate for the thread: the request may end before the thread has read everything."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        try:
            return work(file)
        except Exception as error:  # noqa: BLE001 - decoders of foreign bytes fail in any way, and the upload must not
            logger.debug("no preview: %r", error)
            return None


def _picture(file: BinaryIO) -> Picture:
    with Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        fits = _fits(image)
        if image.getexif().get(ORIENTATION) in SIDEWAYS:
            width, height = height, width
        return Picture(width, height, _preview(image) if fits else None)


def _fits(image: Image.Image) -> bool:
    """Whether the pixels may be decoded, by the file's head alone."""
    width, height = image.size
    scaled = image.format == "JPEG" and not image.info.get("progressive")
    return width * height <= (SCALED_PIXELS if scaled else DECODED_PIXELS)


def _avatar(file: BinaryIO) -> bytes | None:
    with Image.open(file, formats=FORMATS) as image:
        if not _fits(image):
            return None
        image.draft("RGB", AVATAR_PIXELS)  # a JPEG is scaled while it is decoded, to at least this size: a long one to much more
        if image.width * image.height > DECODED_PIXELS:
            return None
        middle = ImageOps.fit(_with_colours(image), AVATAR_PIXELS)
        return _encoded(_upright(middle, image.getexif().get(ORIENTATION, 1)))


def _with_colours(image: Image.Image) -> Image.Image:
    """A palette cannot be scaled smoothly. A picture that has its colours is not copied: a copy would take all the memory again."""
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if image.has_transparency_data else "RGB")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turns the picture as EXIF says that the camera was held."""
    image.getexif()[ORIENTATION] = orientation
    return ImageOps.exif_transpose(image)


def _preview(image: Image.Image) -> bytes | None:
    """Returns None if the pixels cannot be read although the head can."""
    try:
        image.thumbnail(PREVIEW_PIXELS)
        plain = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    except Exception as error:  # noqa: BLE001 - as above
        logger.debug("no preview: %r", error)
        return None
    return _encoded(plain)


def _encoded(image: Image.Image) -> bytes:
    image.info.clear()
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", quality=QUALITY)
    return encoded.getvalue()
