"""A request's body on its way to a service: streamed where its length is known, else set down on disk first."""

import asyncio
import tempfile
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http import HttpVersion11

from apps.gateway.dataplane.gate import Refusal, Refused
from apps.gateway.dataplane.heads import BAD_REQUEST
from apps.gateway.dataplane.settings import Config

TOO_LARGE = Refusal(413, "too_large")
CLIENT_TOO_SLOW = Refusal(408, "request_timeout", ("Connection", "close"))
_IN_MEMORY = 256 * 1024
_CHUNK = 64 * 1024


class Body:
    """The bytes that follow a request's head.

    `length` is None for a body that was not announced: WSGI cannot read one, so it is collected to be given a length.
    `fault` is set once the client has stopped sending, or sent what is no body.
    """

    def __init__(self, request: web.BaseRequest, config: Config) -> None:
        self._request = request
        self._silence = config.deadlines.silence
        self._largest = config.largest_unannounced_body
        is_chunked = "Transfer-Encoding" in request.headers
        self.length = None if is_chunked else int(request.headers.get("Content-Length", 0))
        self.is_too_large = self.length is not None and self.length > config.largest_body
        self.fault: Refusal | None = None
        self._is_awaited = request.headers.get("Expect", "").lower() == "100-continue"
        self._kept: tempfile.SpooledTemporaryFile[bytes] | None = None

    async def collect(self) -> None:
        """Sets down a body of unknown length; `length` and `is_too_large` are known then."""
        kept = self._kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed by `close`
        async for chunk in self._arriving():
            kept.write(chunk)
            if kept.tell() > self._largest:
                self.is_too_large = True
                return
        self.length = kept.tell()
        kept.seek(0)

    def stream(self) -> AsyncIterator[bytes] | None:
        """The bytes, to be read once; None where there are none."""
        if not self.length:
            return None
        return self._arriving() if self._kept is None else self._collected()

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()

    async def _arriving(self) -> AsyncIterator[bytes]:
        await self._invite()
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    chunk = await self._request.content.readany()
            except (TimeoutError, web.RequestPayloadError, OSError) as error:
                self.fault = CLIENT_TOO_SLOW if isinstance(error, TimeoutError) else BAD_REQUEST
                raise Refused(self.fault) from error
            if not chunk:
                return
            yield chunk

    async def _collected(self) -> AsyncIterator[bytes]:
        assert self._kept is not None  # noqa: S101  collected before
        while chunk := self._kept.read(_CHUNK):
            yield chunk

    async def _invite(self) -> None:
        """Tells a client that waits for it to send its body: only once somebody is there to read it."""
        if self._is_awaited and self._request.version >= HttpVersion11:
            self._is_awaited = False
            await self._request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._request.writer.output_size = 0  # an answer has not begun
