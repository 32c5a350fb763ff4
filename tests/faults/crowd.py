"""Many learners at once, each a client that asks again until it is told."""

import random
import threading
import time
from dataclasses import dataclass, field

from tests.faults.learner import House, Learner, Operation, Try

MOST = 10  # times as many as are enough come while a harm lasts
PATIENCE_S = 300  # of one learner, from the first to the last step: no mail comes for three minutes of F17


class LostPatience(AssertionError):
    """A learner got no answer for longer than anybody would wait."""


@dataclass
class Crowd:
    """Learners in `width` lanes, one after another in each, until `enough` of them have come and the harm is over.

    However long that lasts, there are at most ten times as many: what they leave must be worked off again.

    `name` and `seed` tag every one of them; the seed also says how long each waits between two tries.
    """

    house: House
    name: str
    seed: int
    width: int
    enough: int
    learners: list[Learner] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._calm = threading.Event()
        self._lanes = [threading.Thread(target=self._walk, args=(lane,), daemon=True) for lane in range(self.width)]

    def start(self) -> None:
        for lane in self._lanes:
            lane.start()

    def under_way(self, writes: int) -> bool:
        """So many writes have been asked for."""
        return sum(len(learner.log) for learner in list(self.learners)) >= writes

    def finish(self) -> None:
        """The harm is over: those under way go to the end, nobody new sets out once there are enough."""
        self._calm.set()
        for lane in self._lanes:
            lane.join(PATIENCE_S + 60)
            assert not lane.is_alive(), "a learner hangs"
        if self.errors:
            raise self.errors[0]

    @property
    def operations(self) -> list[Operation]:
        return [operation for learner in self.learners for operation in learner.log]

    @property
    def tries(self) -> list[Try]:
        return [one for operation in self.operations for one in operation.tries] + [
            one for learner in self.learners for one in learner.reads
        ]

    def _walk(self, lane: int) -> None:
        chance = random.Random(f"{self.seed} {self.name} {lane}")  # noqa: S311  repeatable, not secret
        try:
            time.sleep(chance.uniform(0, 0.5))
            while (learner := self._next(chance)) is not None and not self.errors:
                learner.travel(at=lambda stage: time.sleep(chance.uniform(0, 0.3)))
        except BaseException as error:  # noqa: BLE001  raised in `finish`
            self.errors.append(error)

    def _next(self, chance: random.Random) -> Learner | None:
        with self._lock:
            number = len(self.learners)
            if number >= self.enough and (self._calm.is_set() or number >= MOST * self.enough):
                return None
            began = time.monotonic()

            def recover() -> None:
                if time.monotonic() > began + PATIENCE_S:
                    raise LostPatience(learner.name, learner.log[-1])
                time.sleep(chance.uniform(0.2, 1.0))

            name = f"{self.name} {self.seed} Number {number}"
            place = f"10.{self.seed % 250}.{number // 250}.{number % 250 + 1}"
            learner = Learner(self.house, name, recover, place=place)
            self.learners.append(learner)
            return learner
