"""The services behind the proxy: one warm pool of connections, asked once, and again only where that is harmless."""

import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType
from multidict import CIMultiDict
from yarl import URL

from apps.gateway.dataplane.bodies import Body
from apps.gateway.dataplane.gate import UNAVAILABLE, Refusal, Refused
from apps.gateway.dataplane.heads import Pairs
from apps.gateway.dataplane.settings import Config, Deadlines
from learninghub.breaker import Breaker, Open

TOO_SLOW = Refusal(504, "too_slow")
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_IDLE_SECONDS = 10.0  # shorter than any service keeps an idle connection, and than one that ends serves on (R29)


class Unanswered(Refused):
    """A service gave no answer, which may have taken long: its breaker counts that."""


class _Broken(Exception):
    """The connection ended before the answer's head. Not the library's own error, on which it would try again."""


class Upstreams:
    """Asks services, each behind a breaker of its own (rule R20); to be used as a context manager."""

    def __init__(self, config: Config) -> None:
        self._addresses: Mapping[str, str] = config.addresses
        self._limit = config.connections_to_a_service
        self._deadlines = config.deadlines
        self._breakers = {name: Breaker(f"upstream:{name}") for name in self._addresses}
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        watch = aiohttp.TraceConfig()
        watch.on_connection_reuseconn.append(_note_reuse)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, limit_per_host=self._limit, keepalive_timeout=_IDLE_SECONDS, ttl_dns_cache=5
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            timeout=_timeout(self._deadlines),
            middlewares=(_once,),
            trace_configs=[watch],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, name: str, method: str, target: str, *, headers: Pairs, body: Body) -> aiohttp.ClientResponse:
        """The service's answer, its body still to be read; raises Unanswered, and Refused for a client's own fault."""
        try:
            with self._breakers[name].guard(Unanswered):
                return await self._answer(name, method, target, headers=headers, body=body)
        except Open as resting:
            retry_after = str(math.ceil(resting.retry_after) or 1)
            raise Unanswered(replace(UNAVAILABLE, header=("Retry-After", retry_after))) from resting

    async def _answer(
        self, name: str, method: str, target: str, *, headers: Pairs, body: Body
    ) -> aiohttp.ClientResponse:
        try:
            return await self._ask(name, method, target, headers=headers, stream=body.stream())
        except (_Broken, aiohttp.ClientError, OSError) as error:
            if body.fault:
                raise Refused(body.fault) from error
            if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
                # Costs nobody any time, so that no breaker need spare it, and who comes back is found at once.
                raise Refused(UNAVAILABLE) from error
            is_slow = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError)
            raise Unanswered(TOO_SLOW if is_slow else UNAVAILABLE) from error

    async def _ask(
        self, name: str, method: str, target: str, *, headers: Pairs, stream: AsyncIterator[bytes] | None
    ) -> aiohttp.ClientResponse:
        may_repeat = stream is None and method in _IDEMPOTENT
        while True:
            tried = SimpleNamespace(is_reused=False)
            try:
                return await self._session.request(
                    method,
                    URL(self._addresses[name] + target, encoded=True),
                    headers=CIMultiDict(headers),
                    data=stream,
                    allow_redirects=False,
                    trace_request_ctx=tried,
                )
            except _Broken:
                # A connection of the pool that the service had given up (RFC 9112, section 9.3.1). Each such try
                # uses one up, so this ends.
                if not (may_repeat and tried.is_reused):
                    raise


async def _note_reuse(session: Any, context: Any, params: Any) -> None:
    context.trace_request_ctx.is_reused = True


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    """Keeps the library from repeating a request by itself: it does not look whether the connection was fresh."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise _Broken from error


def _timeout(deadlines: Deadlines) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=deadlines.connect, sock_connect=deadlines.connect, sock_read=deadlines.silence
    )
