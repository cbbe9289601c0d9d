"""Files up and down, with a progress bar on a terminal. An upload is read as it is sent; a download is whole or not there."""

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

from chat.terminal.cleaning import on_one_line
from chat.terminal.client import Client, path
from chat.terminal.failures import Failure
from chat.terminal.terminal import Terminal, command, looking_for

TRANSFER = httpx.Timeout(60, connect=10)
STDOUT = "-"
ANY_NAME = "file"  # the service finds a file by its id: the name in its address is for people


class SocketOwner(io.BufferedReader):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], progress: Progress, size: int) -> None:
        super().__init__(file)  # type: ignore[arg-type] # any raw file
        self._progress = progress
        self._task = progress.add_task(on_one_line(Path(file.name).name), total=size)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._progress.advance(self._task, len(data))
        return data


def upload(client: Client, where: str, file: Path, text: str | None) -> Any:
    """Posts a file to a room or a person, once; answers the message."""
    return client.post_once(lambda key: _upload(client, where, file, text, key))


def _upload(client: Client, where: str, file: Path, text: str | None, key: dict[str, str]) -> Any:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    name = os.fsencode(file.name).decode(errors="replace")  # a file system takes any bytes for a name
    try:
        with file.open("rb", buffering=0) as opened, progress() as shown:
            watched = SocketOwner(opened, shown, os.fstat(opened.fileno()).st_size)
            return client.call(
                "POST",
                where,
                files={"file": (name, watched, kind)},
                data={"text": text} if text else None,
                headers=key,
                timeout=TRANSFER,
            )
    except OSError as failure:
        raise Failure(f"cannot read {file}: {failure.strerror}") from None


@click.command()
@click.argument("file", metavar="URL|ID")
@click.option("-o", "--output", metavar="PATH", help="Where to put it: a file, a folder, or - for standard output.")
@click.option("--force", is_flag=True, help="Also where there is such a file already.")
@command
def download(terminal: Terminal, file: str, output: str | None, force: bool) -> None:
    """Get a file that was sent, by its id or its address."""
    where = _address(terminal.url, file)
    with looking_for("file", "chat history ROOM"), _answered(terminal.client, where) as answer:
        if output == STDOUT:
            _copy(answer, sys.stdout.buffer, "")
            return
        target = _target(output, answer)
        if target.exists() and not force:
            raise Failure(f"{target} is there already: -o names another, --force replaces it")
        _save(answer, target)
    terminal.output.done({"path": str(target), "bytes": target.stat().st_size, "url": where}, f"saved {target}")


def _address(server: str, file: str) -> str:
    """Raises Failure for another server's: it would be handed the token."""
    if file.isascii() and file.isdigit():
        return server + path("file", file, ANY_NAME)
    address = urljoin(f"{server}/", file)
    if urlsplit(address)[:2] != urlsplit(server)[:2]:
        raise Failure(f"{address} is not on {server}, which one is signed in to")
    return address


@contextmanager
def _answered(client: Client, where: str) -> Iterator[httpx.Response]:
    try:
        # Where files are in a bucket the service may send us there; httpx does not hand our token on to another host.
        with client.http.stream("GET", where, follow_redirects=True, timeout=TRANSFER) as answer:
            yield client.checked(answer)
    except httpx.TransportError as error:
        raise client.unreachable(error) from None


def _target(output: str | None, answer: httpx.Response) -> Path:
    if output is None:
        return Path(_safe_name(answer))
    return Path(output) / _safe_name(answer) if Path(output).is_dir() else Path(output)


def _safe_name(answer: httpx.Response) -> str:
    """What the sender called it, as far as that is a name: no path, nothing hidden, nothing that drives a terminal."""
    disposition = answer.headers.get("Content-Disposition", "")
    if encoded := re.search(r"filename\*=UTF-8''([^;]+)", disposition, re.IGNORECASE):
        name = unquote(encoded[1])
    elif plain := re.search(r'filename="?([^";]+)', disposition, re.IGNORECASE):
        name = plain[1]
    else:
        name = unquote(urlsplit(str(answer.url)).path)
    return on_one_line(re.split(r"[/\\]", name)[-1]).lstrip(".")[:200] or ANY_NAME


def _save(answer: httpx.Response, target: Path) -> None:
    """Beside its place first: what was cut off leaves nothing that looks whole."""
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".chat-")
    except OSError as failure:
        raise Failure(f"cannot write {target.parent}: {failure.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            _copy(answer, file, target.name)
        os.chmod(unfinished, 0o666 & ~_umask())
        os.replace(unfinished, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _copy(answer: httpx.Response, file: IO[bytes], name: str) -> None:
    length = answer.headers.get("Content-Length", "")
    try:
        with progress() as shown:
            task = shown.add_task(on_one_line(name), total=int(length) if length.isdecimal() else None)
            for data in answer.iter_bytes():
                file.write(data)
                shown.advance(task, len(data))
            file.flush()
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise Failure(f"cannot write {name}: {failure.strerror}") from None


def progress() -> Progress:
    """On stderr, and only where a person looks at it."""
    console = Console(stderr=True, markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
