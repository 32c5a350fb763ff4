"""The history of a run, as Jepsen keeps one: when each write was asked for, and what was known of it then."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.learner import Learner, Try
from tests.faults.report import Row


def append(path: Path, row: Row, learners: Sequence[Learner]) -> None:
    """Adds a line for each try's beginning and one for its end, in the order of time."""
    with path.open("a") as file:
        for at, words in sorted(_events(learners), key=lambda event: event[0]):
            file.write(json.dumps({"fault": row.fault, "seed": row.seed, "at_s": round(at, 6)} | words) + "\n")


def _events(learners: Sequence[Learner]) -> Iterator[tuple[float, dict[str, object]]]:
    for learner in learners:
        for operation in learner.log:
            words: dict[str, object] = {"who": learner.name, "write": operation.name, "key": operation.key}
            for one in operation.tries:
                yield one.began, words | {"type": "invoke"}
                yield one.began + one.seconds, words | {"type": _outcome(one), "status": one.status}


def _outcome(one: Try) -> str:
    """Where no answer came, or one that tells nothing, the write may or may not have been done."""
    if not 0 < one.status < 500:
        return "unknown"
    return "ok" if one.status < 300 else "fail"
