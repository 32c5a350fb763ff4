"""What is received at once: in order, by the clock by which it was stated, once, and what is left for the relay."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from learninghub import clock, jobs
from learninghub.outbox.at_once import receive_all
from learninghub.outbox.models import OutboxMessage
from tests.support.facts import later_of_clocks

pytestmark = pytest.mark.django_db
Seen = list[tuple[str, datetime]]
WEEK = timedelta(days=7)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Three jobs that note when they ran: one asks for the next, one is for another queue, one fails at first."""
    seen: Seen = []
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))

    def note(word: str) -> None:
        seen.append((word, clock.now()))

    def pass_on(word: str) -> None:
        note(word)
        with transaction.atomic():
            jobs.enqueue("learninghub.test_note", f"what {word} led to")

    def fail(word: str) -> None:
        note(word)
        if len(seen) < 2:
            raise RuntimeError(word)

    jobs.job("learninghub.test_note")(note)
    jobs.job("learninghub.test_pass_on")(pass_on)
    jobs.job("learninghub.test_fail")(fail)
    jobs.job("learninghub.test_slow", queue="pdf")(note)
    return seen


def ask(name: str, word: str) -> None:
    with transaction.atomic():
        jobs.enqueue(f"learninghub.test_{name}", word)


def waiting() -> list[str]:
    return list(OutboxMessage.objects.filter(published_at=None).order_by("id").values_list("name", flat=True))


def test_all_that_follows_is_done_in_order_by_the_clock_of_its_cause(seen: Seen) -> None:
    with clock.turned_back(2 * WEEK):
        ask("pass_on", "long ago")
    with clock.turned_back(WEEK):
        ask("note", "a week ago")
    ask("note", "today")
    receive_all(clock=later_of_clocks)

    assert [word for word, _ in seen] == ["long ago", "a week ago", "today", "what long ago led to"]
    ago = [round((clock.now() - at) / WEEK) for _, at in seen]
    assert ago == [2, 1, 0, 2]
    assert waiting() == []
    receive_all(clock=later_of_clocks)
    assert len(seen) == 4


def test_what_waits_keeps_its_clock_for_whoever_does_it(seen: Seen, deliver_all: Callable[[], int]) -> None:
    with clock.turned_back(WEEK):
        ask("slow", "a file")
        ask("note", "a word")
    receive_all(clock=later_of_clocks, without=("pdf",))
    assert [word for word, _ in seen] == ["a word"]
    assert waiting() == ["learninghub.test_slow"]

    deliver_all()
    [_, (word, at)] = seen
    assert (word, round((clock.now() - at) / WEEK)) == ("a file", 1)


def test_what_fails_is_left_and_keeps_nothing_else_from_its_turn(seen: Seen, deliver_all: Callable[[], int]) -> None:
    ask("fail", "at first")
    ask("note", "after it")
    receive_all(clock=later_of_clocks)
    assert [word for word, _ in seen] == ["at first", "after it"]
    assert waiting() == ["learninghub.test_fail"]

    deliver_all()
    assert [word for word, _ in seen] == ["at first", "after it", "at first"]
    assert waiting() == []
