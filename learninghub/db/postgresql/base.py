"""Django's PostgreSQL for pods: no dead connection is handed out, no transaction is endless, no error tells a row."""

import os
import select
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper, OperationalError
from django.utils.functional import cached_property

from learninghub.db import roles


class TransactionTooLong(OperationalError):
    """The transaction has lasted longer than this process's role allows; it is rolled back."""


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection of one thread. `commits` counts whatever may have become durable through it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.commits = 0
        self._began_at: float | None = None
        self.execute_wrappers.append(self._watch)

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        return params | {"options": f"{params.get('options', '')} {roles.current().options}".strip()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool and _has_word(connection):
            connection.close()
            self.pool.putconn(connection)  # it makes another in this one's place
            connection = super().get_new_connection(conn_params)
        return connection

    def set_autocommit(self, autocommit: bool, *arguments: Any, **named: Any) -> None:  # noqa: FBT001  Django's own
        super().set_autocommit(autocommit, *arguments, **named)
        self._began_at = None if autocommit else time.monotonic()

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self.commits += 1

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Discreet(self)

    def _watch(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        """There is no transaction_timeout before PostgreSQL 17 (R21)."""
        if not self.in_atomic_block:
            self.commits += not str(sql).lstrip()[:6].lower().startswith("select")
        else:
            limit = roles.current().transaction_s
            if limit and self._began_at and time.monotonic() - self._began_at > limit:
                raise TransactionTooLong
        return execute(sql, params, many, context)


class _Discreet(DatabaseErrorWrapper):
    """Keeps the first line of PostgreSQL's words: those below it quote the row or the statement, addresses and all."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, psycopg.Error) and error.sqlstate and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)
        super().__exit__(kind, error, traceback)


def _has_word(connection: Any) -> bool:
    """Whether the server has said something unasked, which from one at rest is that it ends. Costs no round trip."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def open_pools() -> dict[str, Any]:
    """The pools of this process, by database; looking opens none."""
    pools: dict[str, Any] = vars(base.DatabaseWrapper)["_connection_pools"]
    return pools


def _begin_anew() -> None:
    """A forked child shares no connection with its parent, whose pool has no threads here."""
    open_pools().clear()
    for connection in connections.all(initialized_only=True):
        connection.connection = None


os.register_at_fork(after_in_child=_begin_anew)
