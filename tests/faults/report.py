"""The verdict of a run of faults: a row each, as a line, in the README's table, and as JSON."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Row:
    """What came of one fault under one seed. Mails whose fate nobody can know are counted apart, as no breach."""

    fault: str
    words: str
    seed: int
    learners: int = 0
    attempted: int = 0
    acknowledged: int = 0
    failed: int = 0
    unknown: int = 0
    recovered: int = 0
    effects: int = 0
    lost: int = 0
    duplicate: int = 0
    ghost: int = 0
    alien: int = 0
    mails_unknown: int = 0
    mails_twice: int = 0
    published: int = 0
    delivered: int = 0
    redelivered: int = 0
    dead_letters: int = 0
    answers_5xx: int = 0
    p95_s: float = 0.0
    longest_lag_s: float = 0.0
    drain_s: float = 0.0
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)


COLUMNS = (
    ("fault", "", "{:<5}"),
    ("seed", "", "{:>5}"),
    ("attempted", "asked", "{:>6}"),
    ("acknowledged", "ok", "{:>5}"),
    ("failed", "refused", "{:>8}"),
    ("unknown", "unknown", "{:>8}"),
    ("recovered", "recovered", "{:>10}"),
    ("effects", "effects", "{:>8}"),
    ("lost", "lost", "{:>5}"),
    ("duplicate", "twice", "{:>6}"),
    ("ghost", "ghost", "{:>6}"),
    ("alien", "alien", "{:>6}"),
    ("mails_unknown", "mail?", "{:>6}"),
    ("published", "published", "{:>10}"),
    ("delivered", "delivered", "{:>10}"),
    ("redelivered", "again", "{:>6}"),
    ("dead_letters", "dead", "{:>5}"),
    ("answers_5xx", "5xx", "{:>5}"),
    ("longest_lag_s", "lag s", "{:>6.1f}"),
    ("drain_s", "drain s", "{:>8.1f}"),
)


SUMS = (
    ("writes", "attempted"),
    ("answered well", "acknowledged"),
    ("unknown", "unknown"),
    ("effects", "effects"),
    ("lost", "lost"),
    ("twice", "duplicate"),
    ("of nothing", "ghost"),
    ("of nobody", "alien"),
    ("mail unknown", "mails_unknown"),
    ("delivered again", "redelivered"),
)


def heading() -> str:
    return "".join(shape.replace(".1f", "").format(title or name) for name, title, shape in COLUMNS) + "  verdict"


def line(row: Row) -> str:
    values = dataclasses.asdict(row)
    return "".join(shape.format(values[name]) for name, _, shape in COLUMNS) + (
        "  BREACH" if row.breaches else "  holds"
    )


def table(rows: Sequence[Row]) -> str:
    """The README's table: a row for each fault, with the sums of all seeds and the longest way to rest."""
    titles = " | ".join(("", "what is done to it", *(title for title, _ in SUMS), "at rest after s"))
    lines = [f"|{titles} |", "|" + "---|" * (len(SUMS) + 3)]
    for fault in dict.fromkeys(row.fault for row in rows):
        tried = [row for row in rows if row.fault == fault]
        sums = [sum(getattr(row, name) for row in tried) for _, name in SUMS]
        cells = [fault, tried[0].words, *sums, f"{max(row.drain_s for row in tried):.0f}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def write(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=2) + "\n")


def percentile(seconds: Sequence[float], share: float = 0.95) -> float:
    ranked = sorted(seconds)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0
