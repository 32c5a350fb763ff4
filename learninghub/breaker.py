"""Stops asking what does not answer, so that its callers fail at once instead of waiting for it (rule R20)."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TypeVar
from weakref import WeakSet

WINDOW_SECONDS = 30
FEWEST_CALLS = 20
FAILED_SHARE = 0.5
OPEN_SECONDS = 30.0

T = TypeVar("T")
log = logging.getLogger(__name__)


class State(StrEnum):
    """What a breaker does with the next call: let it through, refuse it, or let it through alone as a probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Open(Exception):
    """The dependency failed too often; it may be asked again after `retry_after` seconds."""

    def __init__(self, name: str, retry_after: float) -> None:
        super().__init__(f"{name} is not asked for {retry_after:.1f} s")
        self.name = name
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Leave for one call, whose end is to be told once: what belongs to an earlier state changes nothing."""

    breaker: "Breaker"
    is_probe: bool = False

    def succeeded(self) -> None:
        self.breaker.note(self, failed=False)

    def failed(self) -> None:
        self.breaker.note(self, failed=True)

    def dropped(self) -> None:
        """The call was given up and says nothing about the dependency."""
        self.breaker.drop(self)


class Breaker:
    """One per dependency and process; safe between threads, and in a coroutine (it never waits).

    Opens when at least half of at least 20 calls within 30 seconds (counted by whole seconds) failed, and also when
    20 failed in a row: what froze after thousands of quick answers would else be waited for until those are 30 seconds
    old. After 30 more seconds one probe goes through: its success closes the breaker with nothing counted, its failure
    keeps it open for another 30. A probe whose end is never told is replaced after 30 seconds.
    """

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._lock = Lock()
        self._state = State.CLOSED
        self._seconds: dict[int, list[int]] = {}  # calls and failures by whole second of the clock
        self._in_a_row = 0
        self._asks_again_at = 0.0  # open: when a probe may go; half open: when the probe counts as lost
        self._probe: Permit | None = None
        _breakers.add(self)
        self._tell()

    @property
    def state(self) -> State:
        return self._state

    def allow(self) -> Permit | None:
        """Leave for one call, or None; whoever gets it tells it how the call ended."""
        if self.state is State.CLOSED:  # the common case needs no lock
            return Permit(self)
        with self._lock:
            if self._state is State.CLOSED:
                return Permit(self)
            if self._clock() < self._asks_again_at:
                return None
            self._probe = Permit(self, is_probe=True)
            self._turn(State.HALF_OPEN, for_seconds=OPEN_SECONDS)
            return self._probe

    @contextmanager
    def guard(self, *failures: type[Exception]) -> Iterator[None]:
        """Around one call, also one that is awaited; raises Open instead of letting it through.

        Only the named errors (by default every Exception) count as failures: any other is an answer.
        """
        permit = self.allow()
        if permit is None:
            raise Open(self.name, max(0.0, self._asks_again_at - self._clock()))
        try:
            yield
        except Exception as error:
            if not failures or isinstance(error, failures):
                permit.failed()
            else:
                permit.succeeded()
            raise
        except BaseException:
            permit.dropped()
            raise
        permit.succeeded()

    def call(self, function: Callable[[], T], *failures: type[Exception]) -> T:
        """The function's result; raises Open, or what the function raised."""
        with self.guard(*failures):
            return function()

    def note(self, permit: Permit, *, failed: bool) -> None:
        """The permitted call ended so."""
        with self._lock:
            if permit.is_probe:
                if permit is self._probe:
                    self._end_probe(failed=failed)
            elif self._state is State.CLOSED:
                self._count(failed=failed)

    def drop(self, permit: Permit) -> None:
        """The permitted call was given up."""
        with self._lock:
            if permit.is_probe and permit is self._probe:
                self._probe = None
                self._turn(State.OPEN, for_seconds=0.0)

    def _end_probe(self, *, failed: bool) -> None:
        self._probe = None
        if failed:
            self._turn(State.OPEN, for_seconds=OPEN_SECONDS)
        else:
            self._turn(State.CLOSED)

    def _count(self, *, failed: bool) -> None:
        second = int(self._clock())
        if second not in self._seconds:
            self._seconds = {at: sums for at, sums in self._seconds.items() if at > second - WINDOW_SECONDS}
        sums = self._seconds.setdefault(second, [0, 0])
        sums[0] += 1
        self._in_a_row = self._in_a_row + 1 if failed else 0
        if not failed:
            return
        sums[1] += 1
        calls = sum(sums[0] for sums in self._seconds.values())
        failures = sum(sums[1] for sums in self._seconds.values())
        if self._in_a_row >= FEWEST_CALLS or (calls >= FEWEST_CALLS and failures >= FAILED_SHARE * calls):
            self._turn(State.OPEN, for_seconds=OPEN_SECONDS)

    def _turn(self, state: State, *, for_seconds: float = 0.0) -> None:
        self._seconds = {}
        self._in_a_row = 0
        self._asks_again_at = self._clock() + for_seconds
        if state is not self._state:
            self._state = state
            self._tell()

    def _tell(self) -> None:
        for listener in _listeners:
            try:
                listener(self.name, self._state)
            except Exception:  # a figure that cannot be shown stops no call
                log.exception("breaker listener failed")


_breakers: WeakSet[Breaker] = WeakSet()
_listeners: list[Callable[[str, State], None]] = []


def on_change(listener: Callable[[str, State], None]) -> None:
    """Calls the listener with the name and state of every breaker, now and at each change; it must not wait."""
    _listeners.append(listener)
    for breaker in list(_breakers):
        listener(breaker.name, breaker.state)
