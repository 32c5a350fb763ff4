"""Rate limits: a token bucket for each address and each person."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

_BUCKETS = 50_000
_BURST = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a minute, and so many at once."""

    per_minute: float
    burst: float

    @property
    def half(self) -> "Rate":
        return Rate(self.per_minute / 2, max(1.0, self.burst / 2))


def rate_of(per_minute: float) -> Rate:
    """The house's rate: ten seconds' worth at once, and never fewer than a page with its parts needs."""
    return Rate(per_minute, max(_BURST, per_minute / 6))


class RateLimiter:
    """Buckets in this process's memory; the oldest are forgotten, which only ever errs on the generous side."""

    def __init__(self, rate: Rate) -> None:
        self._per_second = rate.per_minute / 60
        self._burst = rate.burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, name: str, *, at: float) -> float:
        """Takes one request from the bucket; 0.0 when it may pass, else the seconds until it may."""
        with self._lock:
            left, since = self._buckets.pop(name, (self._burst, at))
            left = min(self._burst, left + max(0.0, at - since) * self._per_second)
            passes = left >= 1
            self._buckets[name] = (left - 1 if passes else left, at)
            if len(self._buckets) > _BUCKETS:
                self._buckets.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._per_second
