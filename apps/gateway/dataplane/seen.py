"""Which sessions are in use: noted by the way, told to Redis later."""

import threading
from collections import OrderedDict
from uuid import UUID

from apps.auth.types import SEEN_EVERY
from learninghub.http.identity import Caller

_REMEMBERED = 50_000


class SeenLately:
    """Sessions in use, each noted once a minute; the oldest are forgotten, and so noted once more."""

    def __init__(self) -> None:
        self._noted: OrderedDict[UUID, float] = OrderedDict()
        self._due: dict[tuple[UUID, UUID], float] = {}
        self._lock = threading.Lock()

    def note(self, caller: Caller, *, at: float) -> None:
        """The caller's session is in use at `at` (Unix time)."""
        if at - self._noted.get(caller.session, 0.0) < SEEN_EVERY.total_seconds():
            return
        with self._lock:
            self._noted[caller.session] = at
            self._noted.move_to_end(caller.session)
            if len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)
            if len(self._due) < _REMEMBERED:  # nobody may be there to take them
                self._due[caller.session, caller.id] = at

    def take(self) -> dict[tuple[UUID, UUID], float]:
        """What was noted since this was last asked: session and person, and when."""
        with self._lock:
            due, self._due = self._due, {}
        return due
