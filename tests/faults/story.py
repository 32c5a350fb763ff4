"""A journey that is struck by death, and what must come of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from config import embedded
from learninghub.outbox.threads import WORKERS
from tests.faults.house import OPEN, House
from tests.faults.learner import Learner
from tests.faults.verdict import DRIFT, STUCK, Effects, Verdict, effects_of, judge
from tests.support.pdf import text_of

# Where on the way death strikes: at this point, as soon as this stage has begun.
OF_WORK = (
    ("relay.before_send", "register"),
    ("deliver.before_commit", "confirm"),
    ("relay.after_send", "confirm"),
    ("deliver.after_commit", "enrol"),
    ("work.after_take", "enrol"),
    ("work.before_done", "learn"),
    ("relay.after_commit", "complete"),
    ("kill -9", "end"),
)
OF_EFFECTS = (
    ("mail.before_send", "register"),
    ("mail.after_send", "register"),
    ("write.after_commit", "enrol"),
    ("mail.after_send", "enrol"),
    ("write.before_commit", "learn"),
    ("mail.before_send", "complete"),
    ("certificates.before_store", "complete"),
    ("certificates.after_store", "complete"),
)
OF_MONEY = (
    ("checkout.before_call", "buy"),
    ("checkout.after_call", "buy"),
    ("refund.before_call", "give back"),
    ("refund.after_call", "give back"),
)
SCHEDULE = ("schedule.before_commit", "schedule.after_commit")  # struck before anyone comes
TURNS = """
select name, count(*) from learninghub_outboxmessage m join learninghub_scheduledrun using (name)
where due_at > now() + interval '10 minutes' group by name
"""
# Mails whose sender dies are in doubt: the account's are sent once more, others are counted.
DOUBTFUL = {("mail.after_send", "enrol"), ("mail.before_send", "complete")}
SENT_TWICE = {("mail.after_send", "register")}
COLUMNS = (
    f"{'died at':37} {'asked':>5} {'done':>4} {'refused':>7} {'unknown':>7} {'effects':>7} {'lost':>4} {'twice':>5} "
    f"{'ghost':>5} {'mail unknown':>12} {'mail twice':>10} {'free after s':>12} {'all s':>5}"
)


def name_of(strike: tuple[str, str]) -> str:
    return " in ".join(strike)


@dataclass
class Story:
    """The house, what a journey without a crash leaves, and a line for each that had one."""

    house: House
    calm: Learner
    expected: Effects
    verdict: Verdict
    asked: dict[str, int]  # by the schedule, until the calm journey had ended
    lines: list[str] = field(default_factory=list)


@contextmanager
def told(house: House) -> Iterator[Story]:
    """The house after a journey that nobody disturbed; its first starts die around the schedule's first commits."""
    try:
        for point in SCHEDULE:
            house.start(strike_at=point)
            house.wait_until_dead(of=point)
        house.start()
        house.wait_until_up()
        calm = Learner(house, "Calm Sea", recover=lambda: pytest.fail(house.said()))
        calm.travel(at=lambda stage: None)
        calm.settle()
        asked = dict(house.ask(TURNS))
        expected = effects_of(house, calm.id)
        yield Story(house, calm, expected, judge(house, calm.id, calm.email, expected), asked)
    finally:
        house.stop()
        embedded.remove(house.var)


def strike_and_judge(story: Story, strike: tuple[str, str]) -> None:
    """A learner travels, death strikes, all is started again: what is left is what a calm journey leaves."""
    house, (point, where) = story.house, strike
    began = time.monotonic()
    deaths: list[float] = []

    def strike_at(stage: str) -> None:
        if stage == where == "end":
            assert house.ask(OPEN) != [(0,)]
            deaths.append(house.kill())
            _go_on(house)
        elif stage == where:
            learner.settle()
            house.orders.write_text(point)

    def recover() -> None:
        assert not deaths, "one death is enough"
        struck = time.monotonic()
        house.wait_until_dead(of=point)
        deaths.append(time.monotonic() - struck)
        _go_on(house)

    learner = Learner(house, f"Learner {len(story.lines)}", recover)
    learner.travel(strike_at)
    learner.settle()
    assert len(deaths) == 1
    verdict = judge(house, learner.id, learner.email, story.expected)
    story.lines.append(_line(strike, learner, verdict) + f" {deaths[0]:12.1f} {time.monotonic() - began:5.1f}")
    assert verdict.breaches == (0, 0, 0)
    # A worker that was just sending another mail dies with the one that is struck.
    assert (strike in DOUBTFUL) <= verdict.doubtful_mails <= WORKERS
    assert (strike in SENT_TWICE) <= verdict.second_mails <= WORKERS
    assert any(one.was_replayed for one in learner.log) >= (point == "write.after_commit")
    assert learner.name in _certificate(learner)
    assert house.ask(STUCK) == [(0, 0, 0)]
    assert house.ask(DRIFT) == []
    if point == "kill -9":
        assert deaths[0] < 3


def _go_on(house: House) -> None:
    house.start()
    house.wait_until_up()


def _certificate(learner: Learner) -> str:
    (certificate,) = learner.read("certificates/").json["results"]
    return text_of(learner.read(f"certificates/{certificate['id']}/pdf/").content)


def _line(strike: tuple[str, str], learner: Learner, verdict: Verdict) -> str:
    asked = len(learner.log)
    lost, twice, ghost = verdict.breaches
    done = sum(one.is_acknowledged for one in learner.log)
    unknown = sum(one.unknown > 0 for one in learner.log)
    return (
        f"{name_of(strike):37} {asked:5} {done:4} {asked - done:7} {unknown:7} {verdict.effects:7} "
        f"{lost:4} {twice:5} {ghost:5} {verdict.doubtful_mails:12} {verdict.second_mails:10}"
    )
