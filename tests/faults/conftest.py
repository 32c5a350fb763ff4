"""The house that all tests of crashes strike, one after the other, and their table."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.faults.story import COLUMNS, Story, told


@pytest.fixture(scope="session")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with told(House(tmp_path_factory.mktemp("faults"))) as story:
        yield story
        reporter = request.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:  # a worker of a parallel run has none
            with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
                for line in ("", COLUMNS, *story.lines):
                    reporter.write_line(line)
