"""One fault: a crowd at work, the harm, the healing, rest, and the verdict."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults.asking import Answer, Down
from tests.faults.crowd import Crowd
from tests.faults.fleet import Fleet
from tests.faults.report import Row, percentile
from tests.faults.verdict import DRIFT, STUCK, Aliens, Effects, judge
from tests.support.instances.server import until

DRAINED_WITHIN_S = 60
ENOUGH_WORDS = 5
LONG_S = 20


@dataclass
class Trial:
    """What a fault is given: the fleet, the crowd, chance with a seed, and `expect` for what must hold besides."""

    fleet: Fleet
    crowd: Crowd
    chance: random.Random
    row: Row
    is_quick: bool
    known: list[str] = field(default_factory=list)  # people beside the learners who have a part in it
    dead_letters_allowed: int = 0
    allows_surprises: bool = False
    sent_again: int = 0  # messages that the broker got besides those that were asked for; known at rest
    began: float = field(default_factory=time.monotonic)

    def expect(self, holds: object, words: str) -> None:
        if not holds:
            self.row.breaches.append(words)

    def note(self, **words: Any) -> None:
        self.row.notes |= words

    def times(self, many: int, few: int) -> int:
        """How often to strike: fewer times where it must be quick."""
        return few if self.is_quick else many

    def wait_for(self, holds: Callable[[], object], lack: str, *, seconds: float = 60) -> None:
        until(holds, lack, seconds=seconds)

    def answer(self, method: str, path: str, body: object = None, **more: str | None) -> Answer:
        """Asks again where the gateway, which found nobody there for a while, still spares the service."""
        found: list[Answer] = []

        def ask() -> bool:
            with suppress(Down):
                found.append(self.fleet.request(method, f"/api/v1/{path}", body, **more))
            return bool(found)

        self.wait_for(ask, f"{path} is not answered")
        return found[0]

    def pass_time(self, seconds: float) -> None:
        """The harm goes on for so long."""
        threading.Event().wait(seconds)

    def answers(self, *, since: float, until: float = math.inf) -> list[float]:
        """The seconds that answered requests took which were sent in that time."""
        return [one.seconds for one in self.crowd.tries if since <= one.began < until and 0 < one.status < 500]


Harm = Callable[[Trial], Iterator[None]]


@dataclass(frozen=True)
class Fault:
    """`harm` does its work up to its one `yield`, when all is healed; what follows looks at what came of it."""

    name: str
    words: str
    harm: Harm
    is_quick: bool
    width: int
    enough: int
    lack: str


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, words: str, *, is_quick: bool = False, width: int = 4, enough: int = 6, lack: str = ""
) -> Callable[[Harm], Harm]:
    """Names a harm. `width` learners at a time and `enough` in all keep the fleet at work meanwhile.

    `lack` says what this machine has not, and the fault cannot be tried without.
    """

    def named(harm: Harm) -> Harm:
        FAULTS[name] = Fault(name, words, harm, is_quick, width, enough, lack)
        return harm

    return named


class _Lags(threading.Thread):
    """Looks at the outbox's lag twice a second."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self._fleet = fleet
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.5):
            try:
                self.longest = max(self.longest, self._fleet.lag())
            except Down:
                continue

    def end(self) -> float:
        self._ended.set()
        self.join()
        return self.longest


def run(fleet: Fleet, chosen: Fault, *, seed: int, expected: Effects, is_quick: bool) -> tuple[Row, Crowd]:
    """Tries one fault, and gives who was under way meanwhile; whatever breaks is written into the row, never raised."""
    row = Row(chosen.name, chosen.words, seed)
    began = time.monotonic()
    enough = max(2, chosen.enough // 2) if is_quick else chosen.enough
    crowd = Crowd(fleet, chosen.name, seed, chosen.width, enough)
    trial = Trial(fleet, crowd, random.Random(f"{chosen.name} {seed}"), row, is_quick)  # noqa: S311
    try:
        _try(trial, chosen.harm, expected)
    except Exception as error:  # noqa: BLE001  a trial that fails is a breach, and the next one goes on
        row.breaches.append(f"{type(error).__name__}: {error}")
        fleet.members.thaw(*fleet.members.by_name.values())
        with suppress(Exception):  # who is under way still would be nobody to the next trial
            crowd.finish()
    row.seconds = time.monotonic() - began
    return row, crowd


def _try(trial: Trial, harm: Harm, expected: Effects) -> None:
    fleet, crowd, row = trial.fleet, trial.crowd, trial.row
    aliens, before, dead_before = Aliens(fleet), fleet.counters(), fleet.dead_letters()
    asked_before = fleet.messages_asked_for()
    lags = _Lags(fleet)
    lags.start()
    crowd.start()
    course = harm(trial)
    try:
        trial.wait_for(lambda: crowd.under_way(3) or crowd.errors, "nobody sets out")
        next(course)
        fleet.note_harm()
        crowd.finish()
        row.drain_s = fleet.settle()
        if row.drain_s > LONG_S:
            trial.note(last_at_rest=fleet.last_seen_open[:400])
    finally:
        row.longest_lag_s = lags.end()
        _count(row, crowd)
    _judge(trial, expected, aliens)
    after = fleet.counters()
    row.published = after.received - before.received
    trial.sent_again = row.published - (fleet.messages_asked_for() - asked_before)
    row.delivered = after.delivered - before.delivered
    row.redelivered = after.redelivered - before.redelivered
    row.dead_letters = fleet.dead_letters() - dead_before
    trial.expect(next(course, "ended") == "ended", "the harm goes on")
    trial.expect(row.dead_letters <= trial.dead_letters_allowed, f"{row.dead_letters} dead letters")
    trial.expect(row.drain_s <= DRAINED_WITHIN_S, f"at rest only after {row.drain_s:.0f} s")
    _look_at_members(trial)


def _count(row: Row, crowd: Crowd) -> None:
    asked = crowd.operations
    row.learners = len(crowd.learners)
    row.attempted = len(asked)
    row.acknowledged = sum(one.is_acknowledged for one in asked)
    row.failed = sum(one.status >= 300 for one in asked)
    row.unknown = sum(one.unknown > 0 for one in asked)
    row.recovered = sum(one.is_recovered for one in asked)
    row.answers_5xx = sum(one.status >= 500 for one in crowd.tries)
    row.p95_s = percentile([one.seconds for one in crowd.tries if one.status])


def _judge(trial: Trial, expected: Effects, aliens: "Aliens") -> None:
    fleet, row = trial.fleet, trial.row
    for learner in trial.crowd.learners:
        verdict = judge(fleet, learner.id, learner.email, expected)
        row.effects += verdict.effects
        row.lost += verdict.lost
        row.duplicate += verdict.duplicate
        row.ghost += verdict.ghost
        row.mails_unknown += verdict.doubtful_mails
        row.mails_twice += verdict.second_mails
        if verdict.breaches != (0, 0, 0) and len(row.breaches) < ENOUGH_WORDS:
            row.breaches.append(f"{learner.name}: {verdict.differences}")
    trial.expect(
        not row.lost + row.duplicate + row.ghost, f"{row.lost} lost, {row.duplicate} twice, {row.ghost} ghosts"
    )
    row.alien = aliens.count(known=[*(learner.id for learner in trial.crowd.learners), *trial.known])
    trial.expect(not row.alien, f"{row.alien} effects of nobody")
    trial.expect(fleet.ask(DRIFT) == [], f"counters drift: {fleet.ask(DRIFT)}")
    row.breaches += fleet.breached_invariants()
    stuck = fleet.ask(STUCK)
    trial.expect(stuck[0][1:] == (0, 0), f"stuck (queued, parked, mails): {stuck}")


def _look_at_members(trial: Trial) -> None:
    for member in trial.fleet.members.by_name.values():
        if member.surprises and not trial.allows_surprises:
            trial.row.breaches.append(f"{member.name} ended by itself {member.surprises}: {member.said()[-1500:]}")
        member.surprises.clear()
