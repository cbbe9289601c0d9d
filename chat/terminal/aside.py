"""Calls that wait for the network, beside the loop that draws: nobody who goes waits for one of them."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any


async def aside(function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """In a thread that ends with the program; asyncio's own ones would be waited for at its end, however long the network takes."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Any] = loop.create_future()

    def call() -> None:
        try:
            answer = function(*arguments, **more)
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            in_loop(loop, _fail, result, error)
        else:
            in_loop(loop, _succeed, result, answer)

    threading.Thread(target=call, daemon=True).start()
    return await result


def in_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: Any) -> None:
    """From any thread; nowhere when the loop is over."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


def _succeed(result: asyncio.Future[Any], answer: Any) -> None:
    if not result.done():
        result.set_result(answer)


def _fail(result: asyncio.Future[Any], error: Exception) -> None:
    if not result.done():
        result.set_exception(error)
