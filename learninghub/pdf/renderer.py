"""The near side of the PDF process: starts it, hands it pages, ends it when it hangs."""

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
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import structlog

from learninghub.errors import Unavailable
from learninghub.pdf.system import missing

START_SECONDS = 30.0
PAGE_SECONDS = 10.0
_ROOT = Path(__file__).resolve().parents[2]
_FONTS = Path(__file__).resolve().parent / "fonts"

log = structlog.get_logger(__name__)


class PdfUnavailable(Unavailable):
    """PDF files cannot be made at the moment."""


class PdfFailed(Exception):
    """This page cannot become a PDF file: asking again will not help until the page or its assets change."""


class _Process:
    """One running `learninghub.pdf.child`: a page in, a file out, one after the other."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="learninghub-pdf-")
        # Nothing of our environment goes over: no secret, no proxy, no font of this machine.
        environment = {
            "PATH": os.defpath,
            "TMPDIR": self._folder,
            "XDG_CACHE_HOME": self._folder,
            "FONTCONFIG_FILE": str(_FONTS / "fonts.conf"),
            "LC_ALL": "C.UTF-8",
            "DYLD_FALLBACK_LIBRARY_PATH": "/opt/homebrew/lib:/usr/local/lib:/usr/lib",
        }
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "learninghub.pdf.child"],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # a Ctrl-C is for us; the child ends when its pipe does
        )
        self._requests = cast(IO[bytes], self._popen.stdin)
        self._answers = cast(IO[bytes], self._popen.stdout)
        self._starter = os.getpid()
        try:
            self._read(time.monotonic() + START_SECONDS)
        except PdfUnavailable:
            self.end()
            raise

    def render(self, request: dict[str, object]) -> bytes:
        frame = json.dumps(request).encode()
        try:
            self._requests.write(struct.pack(">I", len(frame)) + frame)
            self._requests.flush()
        except OSError as error:
            raise PdfUnavailable("The process that makes PDF files has ended.") from error
        return self._read(time.monotonic() + PAGE_SECONDS)

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
                raise PdfFailed(content.decode(errors="replace"))
            log.warning("pdf.warning", warning=content.decode(errors="replace"))

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        descriptor = self._answers.fileno()
        content = b""
        while len(content) < count:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise PdfUnavailable("Making the PDF file took too long and was stopped.")
            chunk = os.read(descriptor, count - len(content))
            if not chunk:
                raise PdfUnavailable("The process that makes PDF files has ended.")
            content += chunk
        return content


class _Renderer:
    """The process of this process: started at the first page, replaced after any failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def render(self, request: dict[str, object]) -> bytes:
        with self._lock:
            if self._process is None or not self._process.is_ours():
                self._process = _Process()
            try:
                return self._process.render(request)
            except PdfUnavailable:
                self._process.end()
                self._process = None
                raise

    def end(self) -> None:
        with self._lock:
            if self._process is not None and self._process.is_ours():
                self._process.end()
            self._process = None


_renderer = _Renderer()
atexit.register(_renderer.end)


def render(*, html: str, base: Path, stylesheets: Sequence[str] = (), underlay: str | None = None) -> bytes:
    """Turn a page into a tagged PDF (PDF/UA-1); the same page gives the same bytes.

    `base` is the packaged folder that relative addresses and the names in `stylesheets` mean; nothing outside it is
    read, and `data:` is the only other source. Everything a person typed must already be escaped in `html`.
    Stylesheets find the fonts under `var(--display)`, `var(--text)` and `var(--label)`; `underlay` names a file of PDF
    operators that is drawn below every page.

    Raises PdfUnavailable where the machine lacks a library or the page took too long: ask again later. Raises
    PdfFailed for a page that asks for what is not packaged, or for more than its share of memory.
    """
    if lack := missing():
        raise PdfUnavailable(lack)
    return _renderer.render({"html": html, "base": str(base), "stylesheets": list(stylesheets), "underlay": underlay})
