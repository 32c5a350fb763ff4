"""The proxy as a process: it listens, keeps itself informed, and ends without dropping a request."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_address
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from apps.gateway.dataplane.ear import hear
from apps.gateway.dataplane.gate import Gate, Refusal
from apps.gateway.dataplane.heads import BAD_REQUEST, HEAD_TOO_LARGE
from apps.gateway.dataplane.limits import RateLimiter
from apps.gateway.dataplane.proxy import Limiter, Proxy
from apps.gateway.dataplane.settings import OWN, Config
from apps.gateway.dataplane.shared_limits import SharedLimiter
from apps.gateway.dataplane.shared_redis import stop
from apps.gateway.dataplane.shared_sessions import SharedSessions
from apps.gateway.dataplane.upstreams import Upstreams
from apps.gateway.dataplane.watch import Watch
from learninghub import metrics
from learninghub.http.identity import HEADER, seal, the_edge
from learninghub.metrics import breakers
from learninghub.observability import trace_from

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 0.01
_FAILED = Refusal(500, "internal_server_error")


def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT; returns when the last running request has been answered.

    A second signal cuts the notice short.
    """
    breakers.show()
    asyncio.run(_until_told(config))


async def _until_told(config: Config) -> None:
    told, told_again = asyncio.Event(), asyncio.Event()

    def tell() -> None:
        (told_again if told.is_set() else told).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, tell)
    async with serving(config) as door:
        log.info("proxy.ready", host=config.host, port=door.port)
        await told.wait()
        await door.give_notice(told_again)


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator["Door"]:
    """Serves while the block runs; on the way out it waits for requests under way, and closes."""
    async with AsyncExitStack() as stack:
        upstreams = await stack.enter_async_context(Upstreams(config))
        questions = await stack.enter_async_context(aiohttp.ClientSession())
        watch = Watch(ask=_asker(config, questions), trust_seconds=config.trust_seconds)
        limiter: Limiter = _LocalLimiter(config)
        sessions: SharedSessions | None = None
        await watch.poll()
        due = asyncio.Event()
        await stack.enter_async_context(_in_background(_keep_asking(watch, due, every=config.poll_seconds)))
        if config.redis_url:
            limiter = shared = SharedLimiter(config.redis_url, config.rate, deadline=config.deadlines.redis)
            stack.push_async_callback(shared.close)
            sessions = SharedSessions(config.redis_url, watch.verifier, deadline=config.deadlines.redis)
            stack.push_async_callback(sessions.close)
            await asyncio.gather(shared.begin(), sessions.begin())
            await stack.enter_async_context(_in_background(sessions.write_seen()))
            await stack.enter_async_context(_in_background(hear(config.redis_url, watch, gap=due.set)))
        door = Door(config, watch=watch, upstreams=upstreams, limiter=limiter, sessions=sessions)
        await door.open()
        stack.push_async_callback(door.close)
        yield door


class Door:
    """The listening socket, its connections, and what the proxy says of itself."""

    def __init__(
        self,
        config: Config,
        *,
        watch: Watch,
        upstreams: Upstreams,
        limiter: Limiter,
        sessions: SharedSessions | None,
    ) -> None:
        self._config = config
        self.watch = watch
        gate = Gate(
            verifier=watch.verifier,
            caller_key=config.caller_key,
            trusted_proxies=config.trusted_proxies,
            allowed_origins=config.allowed_origins,
            headers=config.refusal_headers,
        )
        self._proxy = Proxy(
            config=config,
            gate=gate,
            limiter=limiter,
            watch=watch,
            sessions=sessions,
            upstreams=upstreams,
            own_page=self._own_page,
        )
        self._connections: _Connections
        self._socket: asyncio.Server

    @property
    def port(self) -> int:
        """The port listened on; useful where any was asked for."""
        port: int = self._socket.sockets[0].getsockname()[1]
        return port

    async def open(self) -> None:
        self._connections = _Connections(
            self._proxy,
            refuse=self._proxy.refuse,
            handler_cancellation=True,
            keepalive_timeout=self._config.deadlines.head,
            auto_decompress=False,
            access_log=None,
        )
        loop = asyncio.get_running_loop()
        self._socket = await loop.create_server(
            self._connections, self._config.host, self._config.port, backlog=1024, reuse_address=True
        )

    async def give_notice(self, enough: asyncio.Event) -> None:
        """Unready from now on; returns once those who send requests had time to learn of it, or at `enough`."""
        self._proxy.is_closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._config.notice_seconds):
                await enough.wait()

    async def close(self) -> None:
        """Takes no more requests, and waits for those under way."""
        self._proxy.is_closing = True
        self._socket.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._config.drain_seconds):
                while self._connections.close_idle():
                    await asyncio.sleep(_LOOK_SECONDS)
        await self._connections.shutdown(timeout=1.0)

    async def _own_page(self, request: web.BaseRequest) -> web.StreamResponse | None:
        match request.raw_path:
            case "/healthz":
                return self._page(request, {"status": "alive"})
            case "/readyz" if self._proxy.is_closing:
                return self._page(request, {"status": "leaving"}, status=503)
            case "/readyz":
                return self._page(request, {"status": "ready", "missing": []})
            case "/metrics" if self._is_from_beside(request):
                return web.Response(body=metrics.page(), headers={"Content-Type": metrics.CONTENT_TYPE})
        return None

    def _is_from_beside(self, request: web.BaseRequest) -> bool:
        """Whether it comes straight to this process, and by no way that is open to the world."""
        peer = str(request.remote or "")
        is_near = bool(self._config.trusted_proxies) or (peer != "" and ip_address(peer).is_loopback)
        return is_near and "X-Forwarded-For" not in request.headers

    def _page(self, request: web.BaseRequest, words: Any, *, status: int = 200) -> web.Response:
        """A page of our own, as safe as any other."""
        trace = trace_from(
            request_id=request.headers.get("X-Request-ID"), traceparent=request.headers.get("traceparent")
        )
        headers = [("X-Request-ID", trace["request_id"]), ("Cache-Control", "no-store"), ("Server", OWN)]
        return web.json_response(words, status=status, headers=[*self._config.refusal_headers, *headers])


class _Connections(web.Server):
    """The library's server, with refusals of our own for what is no HTTP."""

    def __init__(self, handler: Any, *, refuse: Callable[[web.BaseRequest, Refusal], web.Response], **kwargs: Any):
        super().__init__(handler, **kwargs)
        self.refuse = refuse

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)

    def close_idle(self) -> int:
        """Closes the connections on which no request is under way; on how many one is."""
        return sum(isinstance(one, _Connection) and not one.close_if_idle() for one in self.connections)


class _Connection(RequestHandler):
    def close_if_idle(self) -> bool:
        """The library's own `close` would throw away what is still to come of a request under way."""
        is_idle = self._waiter is not None and not self._waiter.done()
        if is_idle:
            self.close()
        return is_idle

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The refusal of a request that could not be read, or on which we failed."""
        manager = self._manager
        if request.writer.output_size > 0 or not isinstance(manager, _Connections):
            raise ConnectionResetError
        if status >= 500:
            log.error("request.failed", exc_info=exc)
            return manager.refuse(request, _FAILED)
        return manager.refuse(request, HEAD_TOO_LARGE if isinstance(exc, LineTooLong) else BAD_REQUEST)


class _LocalLimiter:
    """The limit of this process alone."""

    def __init__(self, config: Config) -> None:
        self._buckets = RateLimiter(config.rate)

    async def wait(self, name: str, *, at: float) -> float:
        return self._buckets.wait(name, at=at)


def _asker(config: Config, session: aiohttp.ClientSession) -> Callable[[str], Awaitable[Any]]:
    """Asks auth-service in the gateway's own name."""

    async def ask(path: str) -> Any:
        sealed = seal(the_edge(), key=config.caller_key, at=time.time())
        headers = {"Host": config.host_name, HEADER: sealed}
        deadline = aiohttp.ClientTimeout(total=config.deadlines.own_question)
        try:
            async with session.get(
                config.address_of("auth-service") + path, headers=headers, timeout=deadline
            ) as answer:
                answer.raise_for_status()
                return await answer.json()
        except aiohttp.ClientError as error:
            raise OSError(repr(error)) from error

    return ask


async def _keep_asking(watch: Watch, due: asyncio.Event, *, every: float) -> None:
    """Asks every so many seconds, and at once when it is due."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await due.wait()
        due.clear()
        try:
            await watch.poll()
        except Exception:
            log.exception("watch.failed")


@asynccontextmanager
async def _in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await stop(task)
