"""The mail server: hands one letter over, and tells apart refused, not now, and nobody knows."""

import io
import smtplib
import socket
import time
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import smtp

from apps.notifications.errors import MailInDoubt, MailNotNow, MailRefused, MailServerAway
from apps.notifications.types import Attachment, Letter
from learninghub.breaker import Breaker, Open

CONNECT_S = 2.0  # to each of the server's addresses
REPLY_S = 5.0

_GO_ON = 354
_PERMANENT = 500

server = Breaker("smtp")


class _BoundedReader(io.RawIOBase):
    """What a connection reads from: waits for each piece no longer than its connection may still wait."""

    def __init__(self, connection: "_DoubtfulConnection") -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = self._connection.bounded()
        return line.recv_into(buffer)


class _DoubtfulConnection(smtplib.SMTP):
    """An SMTP connection that ends in time, and says when it broke after the letter was handed over.

    Its `timeout` bounds the whole conversation (R19), also with a server that sends a byte now and then; only the
    resolver has limits of its own. Before the server's 354 (RFC 5321, section 4.1.1.4) it has none of the letter, and
    there is no doubt. Its word after the letter is waited for as long as there is time: to give up early makes doubts.
    """

    has_begun = False
    ends_at = 0.0

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        self.ends_at = time.monotonic() + self.timeout
        return super().connect(host, port, source_address)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        failure: OSError | None = None
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                line = socket.create_connection((str(address[0]), port), min(CONNECT_S, self._left()))
                line.settimeout(min(REPLY_S, self._left()))  # for the handshake of TLS
            except OSError as error:
                failure = error
            else:
                return line
        raise failure or OSError(f"{host} has no address")

    def bounded(self) -> socket.socket:
        """The socket, with the time that it may take for its next step."""
        assert self.sock is not None  # noqa: S101  who reads or writes is connected
        self.sock.settimeout(self._left() if self.has_begun else min(REPLY_S, self._left()))
        return self.sock

    def _left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"not done after {self.timeout:g} s")
        return left

    def send(self, s: Any) -> None:
        if self.sock is not None:
            try:
                self.bounded()
            except TimeoutError as error:
                self.close()
                # As when the line breaks: Django forgives that of a goodbye after a letter that was taken.
                raise smtplib.SMTPServerDisconnected(str(error)) from error
        super().send(s)

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            if self.has_begun:
                raise MailInDoubt(str(error)) from error
            raise
        finally:
            self.has_begun = False

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_BoundedReader(self))
        code, words = super().getreply()
        self.has_begun = code == _GO_ON
        return code, words


class _DoubtfulTlsConnection(smtplib.SMTP_SSL, _DoubtfulConnection):
    pass


class SmtpBackend(smtp.EmailBackend):
    """Django's SMTP backend on connections that say when they are in doubt."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _DoubtfulTlsConnection if self.use_ssl else _DoubtfulConnection


def hand_over(letter: Letter, attachments: Sequence[Attachment] = ()) -> None:
    """Gives the letter to the mail server within ten seconds; it has taken it when this returns.

    Raises MailRefused where the server will never take this letter or this address (5xx), MailInDoubt where it was cut
    off after the letter was handed over, and MailNotNow for all else: 4xx, what our own settings are to blame for
    (log-in, sender), no connection, and, without asking, a server that has failed too often lately (R20).
    """
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        headers={**letter.headers, "Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(letter.html, "text/html")
    for file in attachments:
        message.attach(file.name, file.content, "application/pdf")
    try:
        with server.guard(MailServerAway, MailInDoubt):
            _send(message, to=letter.to)
    except Open as error:
        raise MailNotNow(str(error)) from error


def _send(message: EmailMultiAlternatives, *, to: str) -> None:
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise _by_reply(*error.recipients[to]) from error
    except smtplib.SMTPDataError as error:
        raise _by_reply(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPConnectError as error:
        raise MailServerAway(str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise MailNotNow(str(error)) from error
    except OSError as error:
        raise MailServerAway(str(error)) from error


def _by_reply(code: int, words: bytes | str) -> MailRefused | MailNotNow:
    said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return MailRefused(said) if code >= _PERMANENT else MailNotNow(said)
