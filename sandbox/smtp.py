"""An SMTP server that keeps what it is sent and fails on request.

By hand: `python -m sandbox.smtp --port 2525 --manner accept`, and the house with `EMAIL_URL=smtp://127.0.0.1:2525`.
"""

import argparse
import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.standing import stand

_PARSER = BytesParser(policy=policy.default)
_OKAY = "250 OK"
_BETWEEN_DRIPS_S = 0.02


class Manner(StrEnum):
    """How the server behaves towards the next mails."""

    ACCEPT = "accept"
    REJECT = "reject"  # 550 for every recipient
    DEFER = "defer"  # 451 for every recipient
    REJECT_CONTENT = "reject-content"  # 554 after the whole mail
    DEFER_CONTENT = "defer-content"  # 452 after the whole mail
    SLOW = "slow"  # accepts, after `patience` seconds
    DRIP = "drip"  # answers a recipient digit by digit for `patience` seconds, and never ends the line
    CUT_BEFORE_DATA = "cut-before-data"  # hangs up when a recipient is named
    CUT_AFTER_DATA = "cut-after-data"  # keeps the mail and hangs up instead of saying so


_TO_RECIPIENT = {Manner.REJECT: "550 5.1.1 No such person", Manner.DEFER: "451 4.3.0 Come back later"}
_TO_CONTENT = {Manner.REJECT_CONTENT: "554 5.7.1 Not wanted", Manner.DEFER_CONTENT: "452 4.2.2 Full"}


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that the server keeps: its envelope, and the bytes as they came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = _PARSER.parsebytes(self.content)
        assert isinstance(parsed, EmailMessage)  # noqa: S101  what the policy makes
        return parsed


class SmtpSink:
    """The server, in a thread of its own: `with SmtpSink() as sink: ...`; `manner` may be changed at any time.

    `begun` counts the mails somebody began to send, kept or not.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, manner: Manner = Manner.ACCEPT, patience: float = 30.0
    ) -> None:
        self.host = host
        self.port = port
        self.manner = manner
        self.patience = patience
        self.received: list[Received] = []
        self.begun = 0
        self.on_mail: Callable[[Received], None] = lambda _: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smtp-sink", daemon=True)
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.BaseTransport] = set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.begun += 1
        if server.transport is not None:
            self._sessions.add(server.transport)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return _OKAY

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.manner == Manner.CUT_BEFORE_DATA:
            _hang_up(server)
        if self.manner == Manner.DRIP:
            await self._drip(server)
        if self.manner in _TO_RECIPIENT:
            return _TO_RECIPIENT[self.manner]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return _OKAY

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.manner in _TO_CONTENT:
            return _TO_CONTENT[self.manner]
        if self.manner == Manner.SLOW:
            await asyncio.sleep(self.patience)
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        mail = Received(str(envelope.mail_from), tuple(envelope.rcpt_tos), content)
        self.received.append(mail)
        self.on_mail(mail)
        if self.manner == Manner.CUT_AFTER_DATA:
            _hang_up(server)
        return _OKAY

    async def _drip(self, server: SMTP) -> None:
        until = self._loop.time() + self.patience
        while self._loop.time() < until and server.transport is not None and not server.transport.is_closing():
            server.transport.write(b"2")
            await asyncio.sleep(_BETWEEN_DRIPS_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _open(self) -> None:
        self._server = await self._loop.create_server(
            lambda: SMTP(self, hostname="sink.localhost", enable_SMTPUTF8=True, loop=self._loop),
            self.host,
            self.port,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.close()
        tasks = [task for task in asyncio.all_tasks(self._loop) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _hang_up(server: SMTP) -> None:
    transport: Any = server.transport
    if transport is not None:
        transport.abort()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=2525)
    options.add_argument("--manner", type=Manner, choices=list(Manner), default=Manner.ACCEPT)
    chosen = options.parse_args()
    with SmtpSink(host=chosen.host, port=chosen.port, manner=chosen.manner) as sink:
        sink.on_mail = lambda mail: print(  # noqa: T201
            f"{', '.join(mail.recipients)}: {mail.message['Subject']}", flush=True
        )
        return stand(f"Listening on {sink.url}")


if __name__ == "__main__":
    sys.exit(main())
