"""Two who meet at locks, one of them moved on by the test until they wait."""

import threading
from collections.abc import Callable
from queue import Queue
from typing import Any

from django.db import connection, connections


def begin(call: Callable[[], Any]) -> Callable[[], Any]:
    """Runs the call in a thread and on a connection of its own until it is done or waits for a lock.

    Returns what waits for its end and gives its result or exception.
    """
    backend: Queue[int] = Queue()
    results: list[Any] = []

    def run() -> None:
        try:
            connection.ensure_connection()
            backend.put(connection.connection.info.backend_pid)
            results.append(call())
        except Exception as error:  # noqa: BLE001  the test looks at it
            results.append(error)
        finally:
            connections.close_all()

    def end() -> Any:
        thread.join()
        return results[0]

    thread = threading.Thread(target=run)
    thread.start()
    pid = backend.get(timeout=20)
    with connection.cursor() as cursor:
        while thread.is_alive():
            cursor.execute("select exists (select from pg_locks where pid = %s and not granted)", [pid])
            if cursor.fetchone() == (True,):
                break
    return end
