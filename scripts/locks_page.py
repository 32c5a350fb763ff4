"""Writes docs/locks.md: how rows are locked, and in what order."""

from pathlib import Path

from config.locks import ANYWHERE, ORDER

PLACE = Path("docs/locks.md")
_HEAD = """# Locks

PostgreSQL runs every transaction at READ COMMITTED: two of them may read the same row and write over each other, unless
one waits. So whoever changes a row by what it read locks it first, and whoever takes several locks takes them in the
order below. Then nobody waits for someone who waits for them.

A new action
- locks what it will change before it reads what it decides by: `select_for_update(no_key=True)` in a function named
  `lock_…` or `hold_…`, beside the other writes of its app; without `no_key` only what it deletes;
- locks several rows of one table in one statement with `order_by` the key, and only then changes them;
- counts with one `UPDATE … SET n = n + 1 WHERE …`, which needs no lock before it; what is to be once has a constraint;
- asks another app's door for what stands before it in this order (`courses.hold_course`) before it locks its own;
- names its locks in its docstring; its race in `tests/<app>/test_races.py` has a control that fails without them.

A new table has its place in `config/locks.py`, of which `python -m scripts.locks_page` makes this page. While tests
run, `tests/support/locks.py` reads every statement, in every thread, and fails a test that locks out of order. It knows
tables, not rows, and sees only what tests run. Plain inserts have no rank: what is new nobody else has locked.

| | locked | and under it | why here |
|---|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    rows = [
        f"| {place} | {_named(step.tables)} | {_named(step.under)} | {step.why} |\n"
        for place, step in enumerate(ORDER, start=1)
    ]
    free = f"\nAnywhere: {_named(sorted(ANYWHERE))}, under the lock of what the fact tells of.\n"
    return _HEAD + "".join(rows) + free


def _named(tables: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{table}`" for table in tables)


if __name__ == "__main__":
    PLACE.write_text(page())
