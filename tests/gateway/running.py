"""The proxy under test: in a thread of its own with real sockets, before services of the test's making."""

import asyncio
import http.client
import io
import queue
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, unquote_to_bytes

from aiohttp import web

from apps.gateway.dataplane.limits import Rate
from apps.gateway.dataplane.server import Door, serving
from apps.gateway.dataplane.settings import Config
from tests.support.http import Answer, Application, Client, Headers

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


class OverHttp(Client):
    """The client of other tests, over a real connection to a port; an address is one of this machine's own."""

    def _call(self, environ: dict[str, Any]) -> Answer:
        line = http.client.HTTPConnection(HOST, int(self.application), timeout=10, source_address=(self.address, 0))  # type: ignore[call-overload]
        with closing(line):
            query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
            line.putrequest(
                environ["REQUEST_METHOD"], quote(environ["PATH_INFO"].encode("latin-1")) + query, skip_host=True
            )
            for name, value in environ.items():
                if name.startswith("HTTP_"):
                    line.putheader(name[5:].replace("_", "-").title(), value)
            if body := environ["wsgi.input"].read():
                line.putheader("Content-Type", environ["CONTENT_TYPE"])
                line.putheader("Content-Length", str(len(body)))
            line.endheaders(body or None)
            answer = line.getresponse()
            headers = Headers({name.lower(): value for name, value in answer.getheaders()})
            return Answer(answer.status, headers, answer.read())


class Desk:
    """Lets services behind the proxy be answered by the thread of the test, whose transaction is the one to be seen."""

    def __init__(self, application: Application, keys: Callable[[], Any]) -> None:
        self._inner = Client(application)
        self._auth = auth_service(keys)
        self._asked: queue.SimpleQueue[tuple[dict[str, Any], Future[Answer]]] = queue.SimpleQueue()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """As a service: leaves the request on the desk and waits for the answer."""
        if "X-Client-Address" not in request.headers:
            return await self._auth(request)  # the proxy asks for itself
        answered: Future[Answer] = Future()
        self._asked.put((_environ(request, await request.read()), answered))
        answer = await asyncio.wrap_future(answered)
        return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body)

    def while_answering(self, call: Callable[[], T]) -> T:
        """The result of the call, made from another thread while this one answers what is left on the desk."""
        with ThreadPoolExecutor(1) as pool:
            calling = pool.submit(call)
            calling.add_done_callback(lambda _: self._asked.put(({}, Future())))
            while True:
                environ, answered = self._asked.get(timeout=20)
                if not environ:
                    return calling.result()
                answered.set_result(self._inner._call(environ))


@dataclass
class OverDesk(OverHttp):
    """A client of a proxy whose services are answered at the desk."""

    desk: Desk | None = None

    def _call(self, environ: dict[str, Any]) -> Answer:
        assert self.desk
        call = super()._call
        return self.desk.while_answering(lambda: call(environ))


def _environ(request: web.BaseRequest, body: bytes) -> dict[str, Any]:
    path, _, query = request.raw_path.partition("?")
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return environ | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": HOST,
        "SERVER_PORT": "3000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": HOST,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }


@dataclass
class Running:
    """A proxy that listens on `port`."""

    loop: Loop
    door: Door
    port: int

    def client(self, *, address: str = "127.0.0.7", **more: Any) -> OverHttp:
        return OverHttp(self.port, address=address, **more)  # type: ignore[arg-type]

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
def service(loop: Loop, handler: Handler, *, port: int = 0) -> Iterator[str]:
    """The address of a service that answers with the handler."""

    async def start() -> asyncio.Server:
        server = web.Server(handler, handler_cancellation=True, auto_decompress=False, access_log=None)
        listening = await asyncio.get_running_loop().create_server(server, HOST, port)
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
