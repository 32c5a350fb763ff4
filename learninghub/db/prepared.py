"""Hot statements: bound and prepared on the server, so that PostgreSQL plans them once a connection."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

import psycopg
from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

_THRESHOLD = 5  # psycopg prepares nothing, asked or not, on a connection whose threshold is None (Django's default)


class _PreparedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
        self.connection.prepare_threshold = self.connection.prepare_threshold or _THRESHOLD
        return super().execute(query, params, prepare=True)


class _LoggedCursor(CursorDebugWrapper):
    """Logs the statement as it was written: there is no text with the values in it."""

    def debug_sql(self, *args: Any, **named: Any) -> AbstractContextManager[None]:
        return super().debug_sql(*args, **named | {"use_last_executed_query": False})


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor as Django's own (same transaction, same errors, statements counted) that prepares what it executes.

    For statements whose best plan does not depend on the values, such as reads and writes by key: after a few runs
    PostgreSQL keeps one plan for all. Parameters are bound on the server: one that meets no column needs its type said,
    as in `%(position)s::integer`.
    """
    connection.ensure_connection()
    wrapper = _LoggedCursor if connection.queries_logged else CursorWrapper
    with wrapper(_PreparedCursor(connection.connection), connection) as cursor:
        yield cursor
