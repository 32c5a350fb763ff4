"""The bell of a relay that is a process of its own: PostgreSQL's LISTEN, on a connection beside Django's."""

import threading
from typing import Any

import psycopg
import structlog
from django.db import connection

from learninghub.outbox import wake

_CONNECT_TIMEOUT_S = 2

log = structlog.get_logger(__name__)


class CommitBell:
    """Rings when a transaction with a fact or a job has committed. A word may be lost: who waits here polls too."""

    def __init__(self) -> None:
        self._listener: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Returns when the bell rang, or after so many seconds; connects again as often as it must.

        A bell that has just been hung up returns at once: what was committed before it listened rang for nobody.
        """
        try:
            if self._listener is None:
                self._listener = self._listen()
            else:
                for _ in self._listener.notifies(timeout=seconds, stop_after=1):
                    pass
        except psycopg.Error as error:
            log.warning("relay.bell_lost", error=repr(error))
            self.close()
            stop.wait(seconds)

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._listener = None

    @staticmethod
    def _listen() -> psycopg.Connection[Any]:
        # Directly: a session that listens cannot be lent out by a pool.
        parameters = connection.get_connection_params() | {"connect_timeout": _CONNECT_TIMEOUT_S}
        listener = psycopg.connect(**parameters, autocommit=True)
        listener.execute(f"listen {wake.CHANNEL}")
        return listener
