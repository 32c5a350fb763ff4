"""The far side: requests on stdin, answers on stdout, a cap on memory."""

import json
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress

try:
    import resource
except ImportError:  # pragma: no cover - not a Unix
    resource = None  # type: ignore[assignment]


class Line:
    """The pipe to the other side. What a library prints does not fall between the frames."""

    def __init__(self, *, memory_bytes: int) -> None:
        self._answers = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        if resource is not None:  # an allocation is to fail here before the machine feels it
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))

    def warn(self, text: str) -> None:
        """Tells the other side what is odd, for its log."""
        self._send(b"~", text.encode())

    def serve(self, answer: Callable[..., bytes], *, failures: tuple[type[BaseException], ...] = (Exception,)) -> None:
        """Answers until the other side closes the pipe, which it also does by dying, in mid-work too."""
        try:
            with suppress(BrokenPipeError):
                self._answer_all(answer, failures)
        finally:
            shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)

    def _answer_all(self, answer: Callable[..., bytes], failures: tuple[type[BaseException], ...]) -> None:
        self._send(b"+", b"")
        while head := sys.stdin.buffer.read(4):
            request = json.loads(sys.stdin.buffer.read(*struct.unpack(">I", head)))
            try:
                content = answer(**request)
            except failures as error:
                self._send(b"-", f"{type(error).__name__}: {error}".encode())
            else:
                self._send(b"+", content)

    def _send(self, status: bytes, content: bytes) -> None:
        self._answers.write(struct.pack(">cI", status, len(content)) + content)
        self._answers.flush()
