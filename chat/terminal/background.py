"""Runs blocking network calls beside the event loop that draws the screen, so that quitting never waits for the network."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any


async def run_in_thread(function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """Uses a daemon thread: at its end, the program would wait for asyncio's own threads, however long the network takes."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def call() -> None:
        try:
            result = function(*arguments, **more)
        except Exception as error:  # noqa: BLE001 - it is raised where the future is awaited
            call_in_loop(loop, _fail, future, error)
        else:
            call_in_loop(loop, _succeed, future, result)

    threading.Thread(target=call, daemon=True).start()
    return await future


def call_in_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: Any) -> None:
    """Can be called from any thread. Does nothing if the loop is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
