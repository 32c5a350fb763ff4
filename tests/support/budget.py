"""How long each part of the suite may take: shown after every run, and kept where --keep-budget is given."""

from collections import Counter

import pytest

SECONDS = {"deployment": 90, "faults": 150, "journeys": 150, "kernel": 90}
SECONDS_OF_ANOTHER_PART = 40  # the suite of one app; all parts together stay under 17 minutes

_spent: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep-budget", action="store_true", help="fail when a part of the suite takes longer than it may"
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _, part, *below = report.nodeid.split("/")
    _spent[part if below else "."] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _overspent() and session.config.getoption("--keep-budget"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if sum(_spent.values()) >= 10:
        shown = ", ".join(f"{part} {seconds:.0f}" for part, seconds in _spent.most_common() if seconds >= 1)
        terminalreporter.write_line(f"Seconds by part: {shown}")
    for part, allowed in _overspent().items():
        terminalreporter.write_line(f"tests/{part} took {_spent[part]:.0f} s of the {allowed} s it may take")


def _overspent() -> dict[str, int]:
    allowed = {part: SECONDS.get(part, SECONDS_OF_ANOTHER_PART) for part in _spent}
    return {part: seconds for part, seconds in allowed.items() if _spent[part] > seconds}
