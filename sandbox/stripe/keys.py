"""Idempotency-Keys: what each was used for, and the answer that it gives from then on, for a day."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import key_for_other_parameters, key_in_use
from sandbox.stripe.http import Answer, Call

_KEPT_S = 86400


@dataclass
class Use:
    """A call that a key was used for; it is under way until there is an answer."""

    key: str
    asked: tuple[str, ...]
    since: int
    request: str
    answer: Answer | None = None


class Keys:
    """Whoever touches them holds the world's lock."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._uses: dict[str, Use] = {}

    def clear(self) -> None:
        self.seen.clear()
        self._uses.clear()

    def dump(self) -> list[list[Any]]:
        """Those that have an answer: a call that was under way when we stopped was none."""
        return [
            [use.key, use.asked, use.since, use.request, answer.status, answer.body.decode(), answer.headers]
            for use in self._uses.values()
            if (answer := use.answer)
        ]

    def load(self, kept: list[list[Any]]) -> None:
        for key, asked, since, request, status, body, headers in kept:
            answer = Answer(status, body.encode(), headers)
            self._uses[key] = Use(key, tuple(asked), since, request, answer)

    def claim(self, call: Call, *, now: int, request: str) -> Use:
        """A use of the call's key, to be kept or given back; one that has its answer is an earlier one."""
        mine = Use(call.key, call.asked, now, request)
        if not call.key:
            return mine
        self.seen[call.key] += 1
        found = self._uses.get(call.key)
        if found is None or found.since + _KEPT_S <= now:
            self._uses[call.key] = mine
            return mine
        if found.asked != call.asked:
            raise key_for_other_parameters(call.key)
        if found.answer is None:
            raise key_in_use(call.key)
        return found

    def give_back(self, use: Use) -> None:
        """The key may be used for another try."""
        if self._uses.get(use.key) is use:
            del self._uses[use.key]
