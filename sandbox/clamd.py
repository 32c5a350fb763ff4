"""A scanner that speaks as clamd does (PING, INSTREAM), knows one piece of malware, and fails on request.

By hand: `python -m sandbox.clamd --port 3310`, and the house with `CLAMD_URL=tcp://127.0.0.1:3310`.
"""

import argparse
import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Iterator
from enum import StrEnum
from types import TracebackType
from typing import Self

# The file that every scanner takes for malware, in two pieces, so that none takes this source for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LONGEST_STREAM = 100 * 1024 * 1024


class Manner(StrEnum):
    """How the scanner behaves towards the next files."""

    SCAN = "scan"
    CUT = "cut"  # hangs up in the middle of the file
    ERROR = "error"  # answers with an error
    SILENT = "silent"  # takes the file and says nothing


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        command = self._until_zero()
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self._scan()
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def _scan(self) -> None:
        scanner = self.server.scanner
        scanner.asked += 1
        if scanner.manner == Manner.CUT:
            self.rfile.read(4)
            return
        content = b""
        for chunk in self._chunks():
            content += chunk
            if len(content) > scanner.longest:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if scanner.manner == Manner.SILENT:
            scanner.released.wait()
        elif scanner.manner == Manner.ERROR:
            self.wfile.write(b"stream: Can't allocate memory ERROR\0")
        else:
            self.wfile.write(b"stream: Eicar-Signature FOUND\0" if _is_infected(content) else b"stream: OK\0")

    def _chunks(self) -> Iterator[bytes]:
        while (head := self.rfile.read(4)) and (length := struct.unpack("!I", head)[0]):
            yield self.rfile.read(length)

    def _until_zero(self) -> bytes:
        command = b""
        while (character := self.rfile.read(1)) not in {b"", b"\0"}:
            command += character
        return command


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    scanner: "Scanner"


class Scanner:
    """The server, in threads of its own: `with Scanner() as scanner: ...`; `manner` may be changed at any time."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, longest: int = LONGEST_STREAM) -> None:
        self.manner = Manner.SCAN
        self.longest = longest
        self.asked = 0
        self.released = threading.Event()
        self._server = _Server((host, port), _Handler)
        self._server.scanner = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"tcp://{host!s}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _is_infected(content: bytes) -> bool:
    """Whether it is in the bytes, or packed into them."""
    if EICAR in content:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(EICAR in archive.read(name) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return False


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=3310)
    chosen = options.parse_args()
    with Scanner(host=chosen.host, port=chosen.port) as scanner:
        print(f"A scanner listens on {scanner.url}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
