"""The near side: starts the child, hands it requests one after the other, ends it when it hangs."""

import atexit
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import structlog

START_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]

log = structlog.get_logger(__name__)


class Away(Exception):
    """The child cannot be started at the moment."""


class Ended(Away):
    """The child ended over this request, or took too long and was ended."""


class Failed(Exception):
    """The child answered that it cannot: asking again will not help until the request changes."""


class Child:
    """`python -m module`, started at the first request, kept warm, and replaced after any end."""

    def __init__(self, module: str, *, environment: Mapping[str, str] | None = None) -> None:
        self._module = module
        self._environment = environment or {}
        self._lock = threading.Lock()
        self._process: _Process | None = None
        atexit.register(self.end)

    def ask(self, request: Mapping[str, object], *, seconds: float) -> bytes:
        """What the child answers; raises Failed, Ended, and Away where it does not start."""
        with self._lock:
            if self._process is None or not self._process.is_ours():
                self._process = _Process(self._module, self._environment)
            try:
                return self._process.ask(request, seconds)
            except Ended:
                self._process.end()
                self._process = None
                raise

    def end(self) -> None:
        """Ends the process; the next request starts another."""
        with self._lock:
            if self._process is not None and self._process.is_ours():
                self._process.end()
            self._process = None


class _Process:
    """One running child: a request in, an answer out."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._name = module
        self._folder = tempfile.mkdtemp(prefix="learninghub-child-")
        # Nothing of our environment goes over: no secret, no proxy, no font of this machine.
        own = {"PATH": os.defpath, "TMPDIR": self._folder, "XDG_CACHE_HOME": self._folder, "LC_ALL": "C.UTF-8"}
        self._popen = subprocess.Popen(  # noqa: S603  a module of ours, named in the code
            [sys.executable, "-m", module],
            cwd=_ROOT,
            env=own | dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # a Ctrl-C is for us; the child ends when its pipe does
        )
        self._requests = cast(IO[bytes], self._popen.stdin)
        self._answers = cast(IO[bytes], self._popen.stdout)
        self._starter = os.getpid()
        try:
            self._read(time.monotonic() + START_SECONDS)
        except Ended as error:
            self.end()
            raise Away(*error.args) from error

    def ask(self, request: Mapping[str, object], seconds: float) -> bytes:
        frame = json.dumps(request).encode()
        try:
            self._requests.write(struct.pack(">I", len(frame)) + frame)
            self._requests.flush()
        except OSError as error:
            raise Ended(f"{self._name} has ended.") from error
        return self._read(time.monotonic() + seconds)

    def is_ours(self) -> bool:
        """Alive, and not inherited by a fork, which must not speak into its parent's pipes."""
        return self._starter == os.getpid() and self._popen.poll() is None

    def end(self) -> None:
        self._popen.kill()
        self._popen.wait()
        self._answers.close()
        with suppress(BrokenPipeError):
            self._requests.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, deadline: float) -> bytes:
        while True:
            status, length = struct.unpack(">cI", self._read_exactly(5, deadline))
            content = self._read_exactly(length, deadline)
            if status == b"+":
                return content
            if status == b"-":
                raise Failed(content.decode(errors="replace"))
            log.warning("child.warning", child=self._name, warning=content.decode(errors="replace"))

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        descriptor = self._answers.fileno()
        content = bytearray()
        while len(content) < count:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise Ended(f"{self._name} took too long and was stopped.")
            chunk = os.read(descriptor, count - len(content))
            if not chunk:
                raise Ended(f"{self._name} has ended.")
            content += chunk
        return bytes(content)
