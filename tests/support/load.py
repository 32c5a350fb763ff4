"""Counting statements, and racing."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

_BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


def queries_of(call: Callable[[], Any]) -> int:
    """How many statements the call runs, transaction bookkeeping aside."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum(not query["sql"].startswith(_BOOKKEEPING) for query in captured.captured_queries)


def race(call: Callable[[int], Any], runners: int) -> list[Any]:
    """Runs the call in so many threads at once, each on its own connection; the results or exceptions, by runner."""
    barrier = threading.Barrier(runners)
    results: list[Any] = [None] * runners

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = call(number)
        except Exception as error:  # noqa: BLE001  the test looks at it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
