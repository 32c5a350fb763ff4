"""The state of each breaker, shown as a figure."""

from learninghub import breaker
from learninghub.metrics.definitions import BREAKER

_FIGURES = {breaker.State.CLOSED: 0.0, breaker.State.HALF_OPEN: 0.5, breaker.State.OPEN: 1.0}


def show() -> None:
    """Has every change of a breaker of this process set its figure."""
    breaker.on_change(lambda name, state: BREAKER.labels(name).set(_FIGURES[state]))
