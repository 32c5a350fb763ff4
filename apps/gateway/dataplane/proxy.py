"""One request through the proxy: judged, passed on to its service, and the answer passed back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn, Protocol

import aiohttp
import structlog
from aiohttp import web
from aiohttp.http import HttpVersion11
from multidict import CIMultiDict
from structlog.contextvars import bound_contextvars

from apps.gateway.dataplane import heads, routes
from apps.gateway.dataplane.bodies import TOO_LARGE, Body
from apps.gateway.dataplane.gate import UNAVAILABLE, Asked, Gate, Refusal, Refused, Verdict, too_many
from apps.gateway.dataplane.heads import Pairs
from apps.gateway.dataplane.settings import OWN, Config
from apps.gateway.dataplane.shared_sessions import SharedSessions
from apps.gateway.dataplane.upstreams import TOO_SLOW, Upstreams
from apps.gateway.dataplane.watch import Watch
from learninghub import metrics
from learninghub.http.identity import ADDRESS_HEADER, HEADER
from learninghub.observability import trace_from

log = structlog.get_logger("learninghub.request")

_HEAD_AT = web.RequestKey("head_at", float)  # when the answer's head went out
NOT_FOUND = Refusal(404, "not_found")
Page = Callable[[web.BaseRequest], Awaitable[web.StreamResponse | None]]


class Limiter(Protocol):
    """Takes one request from a bucket; 0.0 when it may pass, else the seconds until it may."""

    async def wait(self, name: str, *, at: float) -> float: ...


class Proxy:
    """Handles requests. `own_page` answers what the proxy has to say of itself, or None.

    While `is_closing`, each answer is the last of its connection.
    """

    def __init__(
        self,
        *,
        config: Config,
        gate: Gate,
        limiter: Limiter,
        watch: Watch,
        sessions: SharedSessions | None,
        upstreams: Upstreams,
        own_page: Page,
    ) -> None:
        self._config = config
        self._gate = gate
        self._limiter = limiter
        self._watch = watch
        self._sessions = sessions
        self._upstreams = upstreams
        self._own_page = own_page
        self.is_closing = False

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        trace = trace_from(
            request_id=request.headers.get("X-Request-ID"), traceparent=request.headers.get("traceparent")
        )
        with bound_contextvars(**trace):
            try:
                return await self._own_page(request) or await self._answer(request, trace)
            except Refused as why:
                if request.writer.output_size:  # an answer has begun: it cannot become another
                    _break_off(request)
                return self.refuse(request, why.refusal, trace)

    def refuse(
        self, request: web.BaseRequest, refusal: Refusal, trace: Mapping[str, str] | None = None
    ) -> web.Response:
        """The refusal as an answer; the connection ends with it where the request was not read to its end."""
        trace = trace or trace_from(request_id=None, traceparent=None)
        origin = request.headers.get("Origin")
        headers, body = self._gate.document(refusal, method=request.method, origin=origin, trace=trace)
        response = web.Response(status=refusal.status, headers=CIMultiDict(headers), body=body)
        response.headers["Server"] = OWN
        if self.is_closing or not request.content.is_eof() or refusal.status in {400, 408, 431}:
            response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest, trace: Mapping[str, str]) -> web.StreamResponse:
        given = [(name, value) for name, value in request.headers.items()]
        formed = heads.origin_form(request.raw_path)
        fault = heads.fault(
            request.method,
            request.raw_path,
            given,
            is_http_11=request.version >= HttpVersion11,
            largest=self._config.largest_head,
        )
        if fault or formed is None:
            raise Refused(fault or heads.BAD_REQUEST)
        target, host = formed
        verdict = await self._judge(request)
        path = routes.decoded(target)
        found = routes.route(path) if path else None
        if found is None:
            raise Refused(NOT_FOUND)
        prefix, service = found
        sent = heads.to_service(given, keeps_scheme=bool(self._config.trusted_proxies))
        sent += [("X-Request-ID", trace["request_id"]), ("traceparent", trace["traceparent"])]
        sent.append((ADDRESS_HEADER, verdict.address))
        if host:
            sent = [pair for pair in sent if pair[0].lower() != "host"] + [("Host", host)]
        if verdict.caller:
            sent.append((HEADER, verdict.caller))
        began = time.monotonic()
        status = 0
        try:
            async with asyncio.timeout(self._config.deadlines.whole):
                response = await self._exchange(request, service.name, target, sent, trace)
            status = response.status
        except Refused as why:
            status = why.refusal.status
            raise
        except TimeoutError as error:
            status = TOO_SLOW.status
            raise Refused(TOO_SLOW) from error
        finally:
            ended = time.monotonic()
            metrics.REQUEST_SECONDS.labels(request.method, prefix).observe(request.get(_HEAD_AT, ended) - began)
            metrics.REQUESTS.labels(request.method, prefix, f"{status // 100}xx" if status else "broken").inc()
            log.info("request", method=request.method, route=prefix, status=status, ms=round((ended - began) * 1000, 1))
        return response

    async def _judge(self, request: web.BaseRequest) -> Verdict:
        """Whose request it is; raises Refused for a token that is not believed, and for one request too many."""
        asked = Asked(
            peer=str(request.remote or ""),
            authorization=request.headers.get("Authorization", ""),
            forwarded_for=",".join(request.headers.getall("X-Forwarded-For", ())),
        )
        at = time.time()
        verdict = self._gate.judge(asked, at=at)
        if verdict.is_key_unknown and await self._watch.renew_keys():
            verdict = self._gate.judge(asked, at=at)
        look = None
        if self._sessions and verdict.known and verdict.unsettled:
            look = self._sessions.look(verdict.known, verdict.unsettled)
        wait = await self._limiter.wait(verdict.bucket, at=at)
        if wait:
            raise Refused(too_many(wait))
        if look is not None:  # both have asked Redis at once: a silent one is waited for once
            await asyncio.wait([look])
            verdict = self._gate.judge(asked, at=at)
        is_token_shown = verdict.caller is not None or verdict.refusal is not None
        if is_token_shown and not self._watch.knows:
            raise Refused(UNAVAILABLE)
        if verdict.refusal:
            raise Refused(verdict.refusal)
        if self._sessions and verdict.known:
            self._sessions.seen.note(verdict.known, at=at)
        return verdict

    async def _exchange(
        self, request: web.BaseRequest, name: str, target: str, sent: Pairs, trace: Mapping[str, str]
    ) -> web.StreamResponse:
        body = Body(request, self._config)
        try:
            if body.length is None:
                await body.collect()
            if body.is_too_large:
                raise Refused(TOO_LARGE)
            if body.length:
                sent = [*sent, ("Content-Length", str(body.length))]
            answer = await self._upstreams.ask(name, request.method, target, headers=sent, body=body)
            async with answer:
                return await self._pass_back(request, answer, trace)
        finally:
            body.close()

    async def _pass_back(
        self, request: web.BaseRequest, answer: aiohttp.ClientResponse, trace: Mapping[str, str]
    ) -> web.StreamResponse:
        """Streams the answer; one that breaks off ends the client's connection, so that nobody takes it for whole."""
        headers = CIMultiDict(heads.to_client(answer.headers.items()))
        headers.update({"X-Request-ID": trace["request_id"], "traceparent": trace["traceparent"], "Server": OWN})
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        if self.is_closing:
            response.force_close()
        try:
            await response.prepare(request)
            request[_HEAD_AT] = time.monotonic()
            async for chunk in answer.content.iter_any():
                async with asyncio.timeout(self._config.deadlines.silence):
                    await response.write(chunk)
            await response.write_eof()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("answer.broken_off", error=type(error).__name__)
            _break_off(request)
        return response


def _break_off(request: web.BaseRequest) -> NoReturn:
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError
