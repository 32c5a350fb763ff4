"""Whether a file carries malware, by clamd where one is named (its INSTREAM command: `man 8 clamd`)."""

import io
import socket
import struct
import time
from contextlib import closing
from functools import cache
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from apps.media import rules
from apps.media.errors import ScannerUnavailable
from learninghub.breaker import Breaker, Open

_CHUNK = 256 * 1024
_CONNECT_SECONDS = 2
_ANSWER_SECONDS = 10
_SLOWEST_BYTES_A_SECOND = 2 * rules.MEGABYTE
_LONGEST_ANSWER = 4096


class _Failed(Exception):
    """No answer that tells."""


def find_malware(content: IO[bytes]) -> str:
    """What malware the file carries, by the scanner's name for it, or nothing; leaves the file at its start.

    Without a scanner only the test file that all scanners know is found. Raises ScannerUnavailable.
    """
    content.seek(0)
    head = content.read(len(rules.EICAR))
    content.seek(0)
    if head == rules.EICAR:
        return "Eicar-Test-Signature"
    return _clamd(settings.CLAMD_URL).scan(content) if settings.CLAMD_URL else ""


class Clamd:
    """A scanner at an address, which is not asked for a while where it does not answer (R20)."""

    def __init__(self, url: str) -> None:
        self.breaker = Breaker("clamd")
        self._address = urlsplit(url)

    def scan(self, content: IO[bytes]) -> str:
        """As `find_malware`."""
        try:
            return self.breaker.call(lambda: self._ask(content), _Failed)
        except (Open, _Failed) as failure:
            raise ScannerUnavailable from failure
        finally:
            content.seek(0)

    def _ask(self, content: IO[bytes]) -> str:
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        until = time.monotonic() + _ANSWER_SECONDS + size / _SLOWEST_BYTES_A_SECOND
        try:
            with closing(self._connected()) as line:
                line.sendall(b"zINSTREAM\0")
                while chunk := content.read(_CHUNK):
                    line.settimeout(max(0.1, until - time.monotonic()))
                    line.sendall(struct.pack("!I", len(chunk)) + chunk)
                line.sendall(struct.pack("!I", 0))
                answer = _answer(line, until)
        except OSError as error:
            raise _Failed(str(error)) from error
        return _read(answer)

    def _connected(self) -> socket.socket:
        if self._address.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(_CONNECT_SECONDS)
            line.connect(self._address.path)
            return line
        place = (self._address.hostname or "", self._address.port or 3310)
        return socket.create_connection(place, timeout=_CONNECT_SECONDS)


_clamd = cache(Clamd)


def _answer(line: socket.socket, until: float) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        line.settimeout(max(0.1, until - time.monotonic()))
        if not (more := line.recv(_LONGEST_ANSWER)):
            break
        answer += more
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _read(answer: str) -> str:
    """`stream: OK`, `stream: NAME FOUND`, or an error, after which nothing is known of the file."""
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise _Failed(answer)
