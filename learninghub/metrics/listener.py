"""A small HTTP listener for processes that answer no requests: worker, relay, schedule."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from learninghub.metrics.page import CONTENT_TYPE, page

_PATIENCE_SECONDS = 5.0


@contextmanager
def listen(*, port: int, host: str = "0.0.0.0", is_alive: Callable[[], bool] = lambda: True) -> Iterator[int]:  # noqa: S104  the pod's own address, which nothing routes to
    """Answers /metrics and /healthz until the block ends; yields the port (0 asked: nothing listens, 0 is yielded).

    /healthz is 503 while `is_alive` says no. Raises OSError where the port is taken.
    """
    if port == 0:
        yield 0
        return
    with _Server((host, port), _handler(is_alive)) as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True
        )
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _handler(is_alive: Callable[[], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, CONTENT_TYPE, page())
                case "/healthz":
                    alive = is_alive()
                    self._answer(
                        200 if alive else 503,
                        "application/json",
                        b'{"status":"%s"}' % (b"alive" if alive else b"stuck"),
                    )
                case _:
                    self._answer(404, "text/plain", b"")

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes come every few seconds and are no news."""

    return Handler
