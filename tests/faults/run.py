"""`make faults`: hurts a fleet in every way of the table, looks what came of it, and fails where anything is amiss.

`python -m tests.faults.run --seeds 3 --only F3,F6`; what was found is written as JSON too, and beside it
when each write was asked for and what was answered (ok, fail, unknown), a line each.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import pytest

from tests.faults import harms, history, report, trial
from tests.faults.crowd import Crowd
from tests.faults.fleet import Fleet, fleet
from tests.faults.report import Row
from tests.faults.verdict import Effects, effects_of, judge

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (11, 22, 33, 44, 55)
LEFT_OUT = "left out: F19 (a full disk), F23 (two versions of the code)"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=3, help="how many")
    options.add_argument("--quick", action="store_true", help="few learners, short harms, one seed, no slow faults")
    options.add_argument("--only", default="", help="faults by name, parted by commas")
    options.add_argument("--json", type=Path, default=ROOT / "var" / "faults.json")
    chosen = options.parse_args()
    began = time.monotonic()
    names = (
        chosen.only.split(",")
        if chosen.only
        else [name for name, one in _in_order() if one.is_quick or not chosen.quick]
    )
    for name in names:
        if lack := trial.FAULTS[name].lack:
            _say(lack)
    names = [name for name in names if not trial.FAULTS[name].lack]
    _say(f"{len(names)} faults, of {len(harms.__all__)} kinds; {LEFT_OUT}")
    _say("starting PostgreSQL with a copy, Redis, RabbitMQ, and the fleet")
    try:
        with fleet() as running:
            seeds = SEEDS[: 1 if chosen.quick else chosen.seeds]
            rows = _try_all(running, names, seeds=seeds, is_quick=chosen.quick, path=chosen.json)
    except pytest.skip.Exception as lack:
        _say(str(lack))
        return 1
    _say(f"\n{report.table(rows)}\n\nAll of it took {time.monotonic() - began:.0f} s; written to {chosen.json}")
    return int(any(row.breaches for row in rows))


def _in_order() -> list[tuple[str, trial.Fault]]:
    return sorted(trial.FAULTS.items(), key=lambda entry: int(entry[0][1:]))


def _try_all(running: Fleet, names: list[str], *, seeds: tuple[int, ...], is_quick: bool, path: Path) -> list[Row]:
    _say(f"the fleet is up after {running.wait_until_up():.0f} s")
    expected = _calm(running)
    _say(report.heading())
    rows = []
    writes = path.with_suffix(".history.jsonl")
    writes.unlink(missing_ok=True)
    for seed in seeds:
        for name in names:
            row, crowd = trial.run(running, trial.FAULTS[name], seed=seed, expected=expected, is_quick=is_quick)
            rows.append(row)
            report.write(rows, path)
            history.append(writes, row, crowd.learners)
            _say(f"{report.line(row)}  {row.seconds:.0f} s {row.notes or ''}")
            for breach in row.breaches:
                _say(f"      {breach}")
    return rows


def _calm(running: Fleet) -> Effects:
    """What an undisturbed journey leaves: what every other must leave."""
    crowd = Crowd(running, "Calm", os.getpid() % 1000, 1, 1)
    began = time.monotonic()
    crowd.start()
    crowd.finish()
    drain = running.settle()
    (learner,) = crowd.learners
    expected = effects_of(running, learner.id)
    verdict = judge(running, learner.id, learner.email, expected)
    assert verdict.breaches == (0, 0, 0), verdict
    _say(f"a calm journey: {time.monotonic() - began:.1f} s, {verdict.effects} effects, rest after {drain:.1f} s")
    return expected


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
