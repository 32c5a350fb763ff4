"""How long each part of the suite may take: shown after every run, and kept where --keep-budget is given."""

import time
from collections import Counter

import pytest

# The same suite took 541 s on two quiet cores and 1,214 s on two slow ones: half as much again as those need.
SECONDS = {"deployment": 400, "faults": 650, "journeys": 700, "kernel": 1000, "permissions": 400, "payments": 350}
SECONDS_OF_ANOTHER_PART = 300  # the suite of one app
SECONDS_OF_ALL = 1800  # by the clock

_began = time.monotonic()
_spent: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "fail when the suite or a part of it takes longer than it may"
    parser.addoption("--keep-budget", action="store_true", help=words)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    part = report.nodeid.split("/")[1]
    _spent[part] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _overspent() and session.config.getoption("--keep-budget"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _spent.total() >= 10:
        shown = ", ".join(f"{part} {seconds:.0f}" for part, seconds in _spent.most_common() if seconds >= 1)
        terminalreporter.write_line(f"Seconds by part: {shown}")
    for line in _overspent():
        terminalreporter.write_line(line)


def _overspent() -> list[str]:
    spent = [(f"tests/{part}", seconds, SECONDS.get(part, SECONDS_OF_ANOTHER_PART)) for part, seconds in _spent.items()]
    spent.append(("All together", time.monotonic() - _began, SECONDS_OF_ALL))
    return [
        f"{part} took {used:.0f} s of the {allowed} s it may take" for part, used, allowed in spent if used > allowed
    ]
