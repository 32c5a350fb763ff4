"""Ways in which a call may go wrong on request."""

import fnmatch
import time
from dataclasses import dataclass
from enum import StrEnum

from sandbox.stripe.errors import Refused


class Mode(StrEnum):
    """What happens to a call, before or after it took effect."""

    FAIL_BEFORE = "fail_before"  # 500, nothing done; the call may be tried again
    FAIL_AFTER = "fail_after"  # done, and 500: also from then on for the same Idempotency-Key
    HANG_BEFORE = "hang_before"  # silence while the call is in progress, then hung up on, nothing done
    HANG_AFTER = "hang_after"  # done, then silence; the same Idempotency-Key gives the answer at once
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After, nothing done
    LOCK_TIMEOUT = "lock_timeout"  # 409, nothing done; Stripe asks to try again
    CUT_BEFORE = "cut_before"  # hung up on, nothing done
    CUT_AFTER = "cut_after"  # done, then hung up on


BEFORE = {
    Mode.FAIL_BEFORE: Refused(500, "An unknown error occurred.", kind="api_error"),
    Mode.RATE_LIMIT: Refused(
        429,
        "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits.",
        code="rate_limit",
    ),
    Mode.LOCK_TIMEOUT: Refused(
        409,
        "This object cannot be accessed right now because another API request or Stripe process is accessing it.",
        code="lock_timeout",
    ),
}
AFTER = Refused(500, "An unknown error occurred.", kind="api_error")


@dataclass
class Fault:
    """Modes that come in turn, for calls to a method and path, so often or so long."""

    modes: tuple[Mode, ...]
    method: str
    path: str
    times: int | None
    until: float | None
    hang: float
    taken: int = 0

    def take(self) -> Mode:
        mode = self.modes[self.taken % len(self.modes)]
        self.taken += 1
        return mode

    @property
    def is_over(self) -> bool:
        return (self.times is not None and self.taken >= self.times) or (
            self.until is not None and time.monotonic() >= self.until
        )


class Faults:
    """Those asked for and not over; the first that fits a call has it. Whoever touches them holds the world's lock."""

    def __init__(self) -> None:
        self._asked: list[Fault] = []

    def add(  # noqa: PLR0917
        self,
        mode: str | list[str],
        method: str = "*",
        path: str = "*",
        times: int = 1,
        seconds: float = 0,
        hang: float = 30,
    ) -> None:
        """The next `times` calls fail so, or all within `seconds` where they are given."""
        modes = tuple(Mode(one) for one in ([mode] if isinstance(mode, str) else mode))
        until = time.monotonic() + seconds if seconds else None
        self._asked.append(Fault(modes, method, path, None if seconds else times, until, hang))

    def clear(self) -> None:
        self._asked.clear()

    def take(self, method: str, path: str) -> tuple[Mode | None, float]:
        """What is to happen to the call, and for how long it hangs if it does."""
        self._asked = [fault for fault in self._asked if not fault.is_over]
        for fault in self._asked:
            if fnmatch.fnmatchcase(method, fault.method) and fnmatch.fnmatchcase(path, fault.path):
                return fault.take(), fault.hang
        return None, 0.0
