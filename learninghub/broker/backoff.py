"""Pauses between attempts that fail: they grow, and no two processes make the same (full jitter, R4 and R16)."""

import random
import time
from collections.abc import Callable

FIRST_S = 0.5
LONGEST_S = 30.0


class Backoff:
    """Counts the failures in a row and says how long to leave it alone."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, jitter: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._not_before = 0.0
        self.failures = 0

    def failed(self) -> None:
        longest = min(LONGEST_S, FIRST_S * 2 ** min(self.failures, 10))
        self.failures += 1
        self._not_before = self._clock() + self._jitter(0.0, longest)

    def succeeded(self) -> None:
        self.failures = 0
        self._not_before = 0.0

    def left(self) -> float:
        """Seconds until the next attempt makes sense; 0 when it does now."""
        return max(0.0, self._not_before - self._clock())
