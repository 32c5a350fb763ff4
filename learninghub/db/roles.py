"""How long PostgreSQL may keep this process waiting, by what the process is for (R21)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import uniform

import structlog
from django.db import OperationalError, connections

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Limits in seconds; 0 is none. They come with the connection, so that no statement is spent on them."""

    name: str
    statement_s: int
    lock_s: int
    idle_s: int
    transaction_s: int

    @property
    def options(self) -> str:
        return (
            f"-c statement_timeout={self.statement_s}s -c lock_timeout={self.lock_s}s "
            f"-c idle_in_transaction_session_timeout={self.idle_s}s"
        )


ALONE = Role(name="alone", statement_s=30, lock_s=5, idle_s=60, transaction_s=0)  # answers and works by one pool
WEB = Role(name="web", statement_s=5, lock_s=2, idle_s=10, transaction_s=10)
WORKER = Role(name="worker", statement_s=60, lock_s=5, idle_s=30, transaction_s=120)
RELAY = Role(name="relay", statement_s=30, lock_s=2, idle_s=30, transaction_s=60)
MIGRATION = Role(name="migration", statement_s=0, lock_s=2, idle_s=60, transaction_s=0)

LOCK_TRIES = 10
_LOCK_TIMEOUT = "55P03"
_current = [ALONE]


def current() -> Role:
    return _current[0]


def take(role: Role) -> None:
    """Makes the role this process's, at its start: connections from now on have its limits."""
    from learninghub.db.postgresql.base import open_pools  # noqa: PLC0415  that needs the role

    connections.close_all()
    _current[0] = role
    for pool in list(open_pools().values()):
        pool.close()
    open_pools().clear()


@contextmanager
def taken(role: Role) -> Iterator[None]:
    """The role for as long as the block lasts."""
    before = current()
    take(role)
    try:
        yield
    finally:
        take(before)


def patiently(migrate: Callable[[], object], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Runs it again, at most ten times in all, where a lock was not to be had in time: the site goes first.

    What it has done before is done; migrations that have run do not run again.
    """
    for left in reversed(range(LOCK_TRIES)):
        try:
            migrate()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _LOCK_TIMEOUT or not left:
                raise
            log.warning("migration.waits_for_a_lock", tries_left=left)
        else:
            return
        sleep(uniform(0.5, 2.0))  # noqa: S311  jitter
