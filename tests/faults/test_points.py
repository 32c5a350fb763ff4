"""Every crash point is known, and every known one is struck."""

import re
from pathlib import Path

import pytest

from config.env import BadSetting, Environment
from learninghub.outbox import crash
from tests.faults.story import OF_EFFECTS, OF_MONEY, OF_WORK, SCHEDULE

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r"\bcrashpoint\(([^)]*)\)")


def _calls() -> list[tuple[str, str]]:
    """Which file calls which point."""
    sources = [path for folder in ("apps", "config", "learninghub") for path in (ROOT / folder).rglob("*.py")]
    found = [(path.name, call) for path in sources for call in CALL.findall(path.read_text())]
    found.remove(("crash.py", "name: str"))  # the definition
    return found


def test_the_points_in_the_code_are_the_list_each_of_them_once_in_a_file() -> None:
    assert {call for _, call in _calls()} == {f'"{point}"' for point in crash.POINTS}
    assert len(_calls()) == len(set(_calls()))


def test_every_point_is_struck_on_the_journey() -> None:
    assert {point for point, _ in OF_WORK + OF_EFFECTS + OF_MONEY} | set(SCHEDULE) == {*crash.POINTS, "kill -9"}


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


def test_no_setting_arms_a_process_of_the_fleet() -> None:
    fleet = {"AMQP_URL": "amqp://broker", "DATABASE_URL": "postgres://hub@db/hub"}
    with pytest.raises(BadSetting, match="LEARNINGHUB_CRASH"):
        Environment(fleet | {"LEARNINGHUB_CRASH": "a file"})
    folders = ("apps", "config", "learninghub", "scripts")
    callers = [
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "crash.obey(" in path.read_text()
    ]
    assert {str(path.relative_to(ROOT)) for path in callers} == {"config/apps.py"}
