"""The house on a port of its own, inside the test's transaction: for tests that need a real browser."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import DEFAULT_DB_ALIAS, connections
from django.test.testcases import QuietWSGIRequestHandler

from tests.support.http import kept_connection

HOST = "127.0.0.1"


class _Server(ThreadedWSGIServer):
    """Its threads have the test's connection, which is not theirs to close."""

    def _close_connections(self) -> None:
        pass


@contextmanager
def served(application: Callable[..., Any]) -> Iterator[str]:
    """The address at which the application answers, one request at a time: they share the test's connection.

    So the test looks into the database only when the page has loaded and nothing is asked any more.
    """
    turn = threading.Lock()

    def in_turn(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with turn:
            answer = application(environ, start_response)
            try:
                return list(answer)
            finally:
                getattr(answer, "close", lambda: None)()

    connection = connections[DEFAULT_DB_ALIAS]
    shared = {DEFAULT_DB_ALIAS: connection}
    with kept_connection(), _Server((HOST, 0), QuietWSGIRequestHandler, connections_override=shared) as server:
        connection.inc_thread_sharing()
        server.set_app(in_turn)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            turn.acquire()  # for good: what is still asked is not answered
            connection.dec_thread_sharing()
