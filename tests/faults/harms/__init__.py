"""The faults, each by its number in the table. Importing this package names them all.

A fault is a generator under `@fault` that harms up to its one `yield`; with `is_quick=True` CI tries it as well.
"""

from tests.faults.harms import (
    broker,
    cache,
    clocks,
    database,
    files,
    messages,
    outside,
    payments,
    relays,
    stopping,
    workers,
)

__all__ = [
    "broker", "cache", "clocks", "database", "files", "messages", "outside", "payments", "relays", "stopping",
    "workers",
]  # fmt: skip
