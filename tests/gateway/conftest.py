"""What the tests of the gateway share."""

from collections.abc import Iterator

import pytest

from tests.gateway.running import Loop


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """Where proxies under test, and the services behind them, run."""
    loop = Loop()
    yield loop
    loop.stop()
