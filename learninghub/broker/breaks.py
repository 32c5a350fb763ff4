"""How long a worker rests when its line to the broker breaks again and again."""

import time
from collections.abc import Callable

LONGEST_REST_S = 8.0
QUIET_S = 60.0


class Breaks:
    """Counts a line's breaks, each of which RabbitMQ counts as a delivery of every message that was held.

    The first is followed by a second of rest, each further one by twice as much, up to eight; a quiet minute forgets
    them. So what takes longer than the line holds is not given up (R17) while the line is being mended.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._many = 0
        self._last = -QUIET_S

    def rest(self) -> float:
        """One more break; the seconds to rest."""
        now = self._clock()
        self._many = self._many + 1 if now - self._last < QUIET_S else 0
        self._last = now
        return min(LONGEST_REST_S, 2.0**self._many)
