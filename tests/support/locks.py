"""Holds every lock that a test takes, in whatever thread, against the one order (config/locks.py); loaded by `-p`.

It reads the statements. Inserts wait for nobody but their like: they are not ranked, but what they made is held. What
only tries (`skip locked`) is held too, but never waits. `for key share`, which an insert's foreign key takes too, is
left out: only who deletes waits for it.
"""

import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.backends.signals import connection_created
from django.db.transaction import Atomic

from config.locks import ANYWHERE, ORDER
from tests.support.locks_of_statements import Lock, locks_of

RANKS = {table: rank for rank, table in enumerate(table for step in ORDER for table in step.tables)}
ABOVE = {table: step.tables[0] for step in ORDER for table in step.under}


class _Held(threading.local):
    """What the thread's transaction holds, and how much it held when each block in it began."""

    def __init__(self) -> None:
        self.locks: dict[str, bool] = {}  # by table, whether it is in the way; the later ones stand behind
        self.marks: list[int] = []


_mine = _Held()
_faults: list[str] = []


def _watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    locks = locks_of(str(sql))
    if not locks:
        return execute(sql, params, many, context)
    held = _mine.locks if _mine.marks else {}
    before = len(held)
    found = [fault for lock in locks for fault in _take(lock, lock.table or _advisory(params), held)]
    try:
        return execute(sql, params, many, context)
    finally:
        if context["cursor"].rowcount == 0:
            _cut(held, before)  # what finds no row locks none
        else:
            _faults.extend(f"{fault} ({_place()})" for fault in found)


def _cut(held: dict[str, bool], mark: int) -> None:
    while len(held) > mark:
        held.popitem()


def _take(lock: Lock, table: str, held: dict[str, bool]) -> Iterator[str]:
    if not lock.is_in_order:
        yield f"many rows of {table} are locked in no order"
    if table in ANYWHERE:
        return
    if table in held:
        held[table] |= lock.waits
        return
    if lock.waits:
        yield from _hold_against(table, held)
    held[table] = lock.in_the_way


def _hold_against(table: str, held: dict[str, bool]) -> Iterator[str]:
    if table in ABOVE:
        if _mine.marks and ABOVE[table] not in held:
            yield f"{table} is locked without {ABOVE[table]}"
    elif table in RANKS:
        later = [other for other, in_the_way in held.items() if in_the_way and RANKS.get(other, -1) > RANKS[table]]
        if later:
            yield f"{table} is locked after {', '.join(later)}"
    elif held:  # what is locked alone needs no place
        yield f"{table} has no place in config/locks.py"


def _advisory(params: Any) -> str:
    """Advisory locks are named by what stands before the colon; the one with a number is that of the audit log."""
    name = params[0]
    return name.partition(":")[0] if isinstance(name, str) else "audit"


def _place() -> str:
    """The line of ours, outside this file and the kernel's connection, that had the statement executed."""
    frames = [frame for frame in traceback.extract_stack() if "/site-packages/" not in frame.filename]
    ours = [frame for frame in frames if frame.filename != __file__ and "/db/postgresql/" not in frame.filename]
    return f"{ours[-1].filename}:{ours[-1].lineno}"


def faults() -> list[str]:
    """What was found since this was last asked."""
    found, _faults[:] = [*dict.fromkeys(_faults)], []
    return found


def pytest_configure(config: pytest.Config) -> None:
    """Puts the check on every connection, and follows every transaction and savepoint.

    A block without a savepoint around it all is Django's own, for one call: no transaction of ours.
    """
    config.addinivalue_line("markers", "out_of_order: a control, not named `…_would_…`, that locks as nobody may")
    connection_created.connect(_put_on, weak=False)
    begin, end = Atomic.__enter__, Atomic.__exit__

    def enter(block: Any) -> None:
        begin(block)
        if not block._from_testcase and (block.savepoint or _mine.marks):
            _mine.marks.append(len(_mine.locks))

    def leave(block: Any, kind: Any, error: Any, trace: Any) -> None:
        if not block._from_testcase and _mine.marks:
            mark = _mine.marks.pop()
            if not _mine.marks or (kind and block.savepoint):
                _cut(_mine.locks, mark)  # with a savepoint rolled back go the locks taken since
        end(block, kind, error, trace)

    Atomic.__enter__, Atomic.__exit__ = enter, leave


def _put_on(connection: Any, **_: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fails the test that has locked out of order, unless it is a control: those show what would come of it."""
    try:
        result = yield
    finally:
        found = faults()
    if found and not ("_would_" in item.name or item.get_closest_marker("out_of_order")):
        pytest.fail("Locks out of order:\n" + "\n".join(found), pytrace=False)
    return result
