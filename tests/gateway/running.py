"""The proxy under test: in a thread of its own with real sockets, before services of the test's making."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from aiohttp import web

from apps.gateway.dataplane.limits import Rate
from apps.gateway.dataplane.server import Door, serving
from apps.gateway.dataplane.settings import Config

CALLER_KEY = b"k" * 32
GENEROUS = Rate(per_minute=1_000_000, burst=100_000)
HOST = "127.0.0.1"
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy-under-test")
        self._thread.start()

    def run(self, work: Awaitable[T]) -> T:
        """The result of the work, done there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)  # type: ignore[arg-type]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Running:
    """A proxy that listens on `port`."""

    loop: Loop
    door: Door
    port: int

    def connect(self) -> socket.socket:
        """A connection to it, for what no client library would send."""
        return socket.create_connection((HOST, self.port), timeout=10)


def auth_service(keys: Callable[[], Any], changes: Callable[[], list[str]] = list) -> Handler:
    """What the proxy asks auth-service for."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/internal/sessions/":
            return web.json_response({"changes": changes()})
        return web.json_response({"keys": keys()})

    return answer


@contextmanager
def service(loop: Loop, handler: Handler) -> Iterator[str]:
    """The address of a service that answers with the handler."""

    async def start() -> asyncio.Server:
        server = web.Server(handler, auto_decompress=False)
        listening = await asyncio.get_running_loop().create_server(server, HOST, 0)
        listening.handlers = server  # type: ignore[attr-defined]
        return listening

    async def stop(listening: asyncio.Server) -> None:
        listening.close()
        await listening.handlers.shutdown(0.1)  # type: ignore[attr-defined]

    listening = loop.run(start())
    try:
        yield f"http://{HOST}:{listening.sockets[0].getsockname()[1]}"
    finally:
        loop.run(stop(listening))


@contextmanager
def proxy(loop: Loop, *, service_address: str, **changes: Any) -> Iterator[Running]:
    """The proxy before services that are all found at one address."""
    config = Config(
        host=HOST,
        port=0,
        caller_key=CALLER_KEY,
        rate=GENEROUS,
        service_address=service_address,
        pages_address=service_address,
    )
    config = replace(config, **changes)
    stack = AsyncExitStack()

    async def start() -> Door:
        return await stack.enter_async_context(serving(config))

    door = loop.run(start())
    try:
        yield Running(loop, door, door.port)
    finally:
        loop.run(stack.aclose())
