"""How far the tests look that try at random: `--search 20` gives each of them twenty times as many examples."""

import pytest
from hypothesis import HealthCheck, settings

_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a loaded machine is no reason to call a property slow
_times = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "how many times as many examples each test tries that tries at random"
    parser.addoption("--search", type=int, default=1, help=words)


def pytest_configure(config: pytest.Config) -> None:
    global _times  # noqa: PLW0603  test modules ask for it while they are imported
    _times = config.getoption("--search")
    settings.register_profile("house", max_examples=100 * _times, deadline=None)
    settings.load_profile("house")


def few(examples: int, *, steps: int = 50) -> settings:
    """For tests whose examples take long: so many in the suite, each of up to so many steps of a state machine."""
    return settings(max_examples=examples * _times, stateful_step_count=steps, suppress_health_check=_PATIENT)
