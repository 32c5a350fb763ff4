"""Every crash point is known, and every known one is struck."""

import re
from pathlib import Path

import pytest

from learninghub.outbox import crash
from tests.faults.test_crashes import SCHEDULE, STRIKES

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r"\bcrashpoint\(([^)]*)\)")


def _calls() -> list[str]:
    sources = [path for folder in ("apps", "config", "learninghub") for path in (ROOT / folder).rglob("*.py")]
    found = [call for path in sources for call in CALL.findall(path.read_text())]
    found.remove("name: str")  # the definition
    return found


def test_the_points_in_the_code_are_the_list_each_of_them_once() -> None:
    assert sorted(_calls()) == sorted(f'"{point}"' for point in crash.POINTS)


def test_every_point_is_struck_on_the_journey() -> None:
    assert {point for point, _ in STRIKES} | set(SCHEDULE) == {*crash.POINTS, "kill -9"}


def test_without_orders_and_at_other_points_nobody_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash, "_orders", [])
    exits: list[int] = []
    monkeypatch.setattr(crash.os, "_exit", exits.append)
    crash.crashpoint("relay.after_send")
    file = tmp_path / "crash-point"
    crash.obey(file)
    crash.crashpoint("relay.after_send")
    file.write_text("relay.before_send\n")
    crash.crashpoint("relay.after_send")
    assert exits == []
    crash.crashpoint("relay.before_send")
    assert exits == [crash.KILLED]
