"""Uploads and downloads, with a progress bar on a terminal. An upload is read while it is sent; a download is complete or not there."""

import io
import mimetypes
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from chat.terminal.client import Client, path
from chat.terminal.context import CommandContext, command, lookup
from chat.terminal.errors import Failure
from chat.terminal.sanitize import safe_line

TRANSFER_TIMEOUT = httpx.Timeout(60, connect=10)
STDOUT = "-"
DEFAULT_NAME = "file"  # the service finds a file by its id; the name in its address is for people


class ProgressReader(io.BufferedReader):
    """A file that shows how much of it was read."""

    def __init__(self, file: IO[bytes], progress: Progress, size: int) -> None:
        super().__init__(file)  # type: ignore[arg-type] # any raw file
        self._progress = progress
        self._task = progress.add_task(safe_line(Path(file.name).name), total=size)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._progress.advance(self._task, len(data))
        return data


def upload(client: Client, path: str, file: Path, text: str | None) -> Any:
    """Posts a file to a room or a person, once. Returns the message."""
    return client.post_once(lambda headers: _upload(client, path, file, text, headers))


def _upload(client: Client, path: str, file: Path, text: str | None, headers: dict[str, str]) -> Any:
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    name = os.fsencode(file.name).decode(errors="replace")  # a file system's names can be any bytes
    try:
        with file.open("rb", buffering=0) as opened, progress_bar() as progress:
            reader = ProgressReader(opened, progress, os.fstat(opened.fileno()).st_size)
            return client.call(
                "POST",
                path,
                files={"file": (name, reader, media_type)},
                data={"text": text} if text else None,
                headers=headers,
                timeout=TRANSFER_TIMEOUT,
            )
    except OSError as failure:
        raise Failure(f"cannot read {file}: {failure.strerror}") from None


@command()
@click.argument("file", metavar="URL|ID")
@click.option("-o", "--output", metavar="PATH", help="A file, a folder, or - for standard output.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def download(context: CommandContext, file: str, output: str | None, force: bool) -> None:
    """Download a file by its id or its address."""
    url = _url(context.url, file)
    with lookup("file", "chat history ROOM"), _download(context.client, url) as response:
        if output == STDOUT:
            _copy(response, sys.stdout.buffer, "")
            return
        target = _target(output, response)
        if target.exists() and not force:
            raise Failure(f"{target} is there already: -o names another, --force replaces it")
        _save(response, target)
    context.output.result({"path": str(target), "bytes": target.stat().st_size, "url": url}, f"saved {target}")


def _url(server: str, file: str) -> str:
    """Raises Failure for the address of another server, which would receive the token."""
    if file.isascii() and file.isdigit():
        return server + path("file", file, DEFAULT_NAME)
    url = urljoin(f"{server}/", file)
    if urlsplit(url)[:2] != urlsplit(server)[:2]:
        raise Failure(f"{url} is not on {server}, the server that you are signed in to")
    return url


@contextmanager
def _download(client: Client, url: str) -> Iterator[httpx.Response]:
    try:
        # The service may redirect to a bucket. httpx does not pass the token on to another host.
        with client.http.stream("GET", url, follow_redirects=True, timeout=TRANSFER_TIMEOUT) as response:
            yield client.check(response)
    except httpx.TransportError as error:
        raise client.unreachable(error) from None


def _target(output: str | None, response: httpx.Response) -> Path:
    if output is None:
        return Path(_safe_name(response))
    return Path(output) / _safe_name(response) if Path(output).is_dir() else Path(output)


def _safe_name(response: httpx.Response) -> str:
    """The sender's name for the file, without a path, leading dots or control characters."""
    disposition = response.headers.get("Content-Disposition", "")
    if encoded := re.search(r"filename\*=UTF-8''([^;]+)", disposition, re.IGNORECASE):
        name = unquote(encoded[1])
    elif plain := re.search(r'filename="?([^";]+)', disposition, re.IGNORECASE):
        name = plain[1]
    else:
        name = unquote(urlsplit(str(response.url)).path)
    return safe_line(re.split(r"[/\\]", name)[-1]).lstrip(".")[:200] or DEFAULT_NAME


def _save(response: httpx.Response, target: Path) -> None:
    """Writes a temporary file beside the target, and renames it when it is complete."""
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".chat-")
    except OSError as failure:
        raise Failure(f"cannot write {target.parent}: {failure.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            _copy(response, file, target.name)
        os.chmod(unfinished, 0o666 & ~_umask())
        os.replace(unfinished, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _copy(response: httpx.Response, file: IO[bytes], name: str) -> None:
    length = response.headers.get("Content-Length", "")
    try:
        with progress_bar() as progress:
            task = progress.add_task(safe_line(name), total=int(length) if length.isdecimal() else None)
            for data in response.iter_bytes():
                file.write(data)
                progress.advance(task, len(data))
            file.flush()
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise Failure(f"cannot write {name}: {failure.strerror}") from None


def progress_bar() -> Progress:
    """On stderr, and only on a terminal."""
    console = Console(stderr=True, markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
