"""A TCP proxy that behaves badly on request: in front of a database, broker, cache or mail server.

By hand: `python -m sandbox.tcp --listen 6432 --to 127.0.0.1:5432 --manner delay --seconds 0.5`.
"""

import argparse
import asyncio
import contextlib
import socket
import struct
import sys
import threading
import time
from enum import StrEnum
from typing import Self

from sandbox.standing import stand

_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: closing sends RST, not FIN


class Manner(StrEnum):
    """How the line behaves from now on, for open connections and new ones."""

    PASS = "pass"  # noqa: S105  as it comes
    DELAY = "delay"  # each piece comes `seconds` later
    BLACK_HOLE = "black-hole"  # connections are taken and stay open, nothing comes through until the manner changes
    RESET = "reset"  # whoever connects or says a word is hung up on with RST
    CUT = "cut"  # RST once `bytes_left` have come from the server, counted over all connections
    CUT_SENT = "cut-sent"  # RST once `bytes_left` have gone to the server
    ANSWER = "answer"  # whoever says a word is told `answer`, and the server hears nothing of it


class TcpProxy:
    """The line to `host` and `port`, in a thread of its own: `with TcpProxy(port=5432) as line: ...`.

    `manner`, `seconds`, `bytes_left` and `answer` may be changed at any time; `accepted` counts connections,
    `last_sent` tells when (of time.monotonic) anything last went to each place that the line leads to.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int, listen: int = 0, at: str = "127.0.0.1") -> None:
        self.port = listen
        self.last_sent: dict[tuple[str, int], float] = {}
        self.seconds = 0.0
        self.bytes_left = 0
        self.answer = b""
        self.accepted = 0
        self._at = at
        self._manner = Manner.PASS
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    @property
    def manner(self) -> Manner:
        return self._manner

    @manner.setter
    def manner(self, manner: Manner) -> None:
        self._manner = manner
        self._loop.call_soon_threadsafe(self._wake)

    def reset(self) -> int:
        """Hangs up every open connection with RST; says how many there were."""
        return asyncio.run_coroutine_threadsafe(self._reset(), self._loop).result(timeout=10)

    def choose(self) -> tuple[str, int]:
        """Where the next connection is to lead; an OSError hangs up on it."""
        return self._target

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _reset(self) -> int:
        both_ends = list(self._open)
        for writer in both_ends:
            _hang_up(writer)
        return len(both_ends) // 2

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._at, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._reset()
        tasks = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            target = self.choose()
            there, to_there = await asyncio.open_connection(*target)
        except OSError:
            _hang_up(writer)
            return
        ends = {writer, to_there}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, to_there, to=target, asker=writer))
                pumps.create_task(self._pump(there, writer))
        except* (OSError, _Cut, asyncio.CancelledError):  # the last one when all is closed
            pass
        finally:
            self._open -= ends
            for end in ends:
                _hang_up(end)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        to: tuple[str, int] | None = None,
        asker: asyncio.StreamWriter | None = None,
    ) -> None:
        """Brings what the asker says `to` its target, or an answer back."""
        while piece := await source.read(_CHUNK):
            if self._manner == Manner.DELAY:
                await asyncio.sleep(self.seconds)
            while self._manner == Manner.BLACK_HOLE:
                await self._changed.wait()
            if self._manner == Manner.RESET:
                raise _Cut
            if self._manner == Manner.ANSWER and asker is not None:
                await self._answer_instead(source, asker)
            if self._manner == (Manner.CUT if to is None else Manner.CUT_SENT):
                await self._cut(piece, sink)
            if to is not None:
                self.last_sent[to] = time.monotonic()
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()

    async def _answer_instead(self, source: asyncio.StreamReader, asker: asyncio.StreamWriter) -> None:
        """Lets them finish before it hangs up: what was said would be lost with a reset line."""
        asker.write(self.answer)
        asker.write_eof()
        while await source.read(_CHUNK):
            continue
        raise _Cut

    async def _cut(self, piece: bytes, sink: asyncio.StreamWriter) -> None:
        if len(piece) >= self.bytes_left:
            sink.write(piece[: self.bytes_left])
            self.bytes_left = 0
            await sink.drain()
            raise _Cut
        self.bytes_left -= len(piece)


class _Cut(Exception):
    """The connection is to end here."""


def _hang_up(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--listen", type=int, default=0)
    options.add_argument("--to", default="127.0.0.1:5432")
    options.add_argument("--manner", type=Manner, choices=list(Manner), default=Manner.PASS)
    options.add_argument("--seconds", type=float, default=0.0)
    options.add_argument("--bytes", type=int, default=0)
    chosen = options.parse_args()
    host, _, port = chosen.to.rpartition(":")
    with TcpProxy(host=host, port=int(port), listen=chosen.listen) as proxy:
        proxy.seconds, proxy.bytes_left, proxy.manner = chosen.seconds, chosen.bytes, chosen.manner
        return stand(f"127.0.0.1:{proxy.port} leads to {chosen.to}")


if __name__ == "__main__":
    sys.exit(main())
