"""Points at which a fault test may kill the process; where none is armed they do nothing."""

import os

_passes_left: dict[str, int] = {}


def arm(name: str, *, passes: int = 0) -> None:
    """From now on the process dies, as by kill -9, when it reaches the point after passing it `passes` times."""
    _passes_left[name] = passes


def crashpoint(name: str) -> None:
    """A place whose sudden death must lose nothing and do nothing twice."""
    if name not in _passes_left:
        return
    if _passes_left[name] == 0:
        os._exit(137)
    _passes_left[name] -= 1
