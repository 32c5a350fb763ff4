"""Relay, workers and schedule of the one-process shape, and what holds them together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction

from learninghub import bus, jobs
from learninghub.clock import now
from learninghub.outbox import threads
from learninghub.outbox.models import OutboxMessage, QueuedMessage, ScheduledRun

LONG = 20.0  # seconds before a test gives up


@dataclass
class Ran:
    """What the two jobs of these tests did, and a bell for the second one's end."""

    words: list[str] = field(default_factory=list)
    bell: threading.Event = field(default_factory=threading.Event)

    def first(self, word: str) -> None:
        with transaction.atomic():
            jobs.enqueue("learninghub.test_second", word)
        self.words.append(f"first {word}")

    def second(self, word: str) -> None:
        self.words.append(f"second {word}")
        self.bell.set()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Two jobs, the first of which asks for the second; neither is known after the test."""
    ran = Ran()
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    jobs.job("learninghub.test_first")(ran.first)
    jobs.job("learninghub.test_second")(ran.second)
    monkeypatch.setattr(threads, "_POLL_SECONDS", 0.05)
    return ran


@contextmanager
def running() -> Iterator[list[threading.Thread]]:
    """The threads at work; at the end each has stopped as it was told."""
    stop = threading.Event()
    started = threads.start(stop)
    try:
        yield started
    finally:
        stop.set()
        for thread in started:
            thread.join(LONG)
    assert [thread.name for thread in started if thread.is_alive()] == []


@pytest.mark.django_db(transaction=True)
def test_they_do_what_a_commit_asked_for_and_stop_when_told(ran: Ran):
    with running() as started:
        with transaction.atomic():
            jobs.enqueue("learninghub.test_first", "now")
        assert ran.bell.wait(LONG)
    assert sorted(thread.name for thread in started) == ["relay", "schedule", "worker-0", "worker-1"]
    assert ran.words == ["first now", "second now"]
    assert {job.name for job in jobs.all_scheduled()} == set(ScheduledRun.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_had_taken_is_done_by_the_next(ran: Ran):
    with transaction.atomic():
        jobs.enqueue("learninghub.test_second", "again")
    threads.relay_once(transport=threads.LocalQueue(), now=now())
    QueuedMessage.objects.update(attempts=1, leased_until=now() + timedelta(minutes=10))
    with running():
        assert ran.bell.wait(LONG)
    assert ran.words == ["second again"]


@pytest.mark.django_db(transaction=True)
def test_a_failing_round_is_logged_and_followed_by_the_next(monkeypatch: pytest.MonkeyPatch):
    stop = threading.Event()
    rounds: list[int] = []

    def loop(_: threading.Event) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("once")
        stop.set()

    monkeypatch.setattr(threads, "_POLL_SECONDS", 0.0)
    threads._forever(loop, stop)
    assert rounds == [0, 1]


@pytest.mark.django_db
def test_all_that_is_due_is_done_in_one_thread_when_asked(ran: Ran):
    with transaction.atomic():
        jobs.enqueue("learninghub.test_second", "queued before")
    threads.relay_once(transport=threads.LocalQueue(), now=now() + timedelta(seconds=1))
    threads.work_until_idle(clock=lambda: now() + timedelta(seconds=1))
    assert ran.words == ["second queued before"]
    with transaction.atomic():
        jobs.enqueue("learninghub.test_first", "new")
    threads.work_until_idle(clock=lambda: now() + timedelta(seconds=1))
    assert ran.words[1:] == ["first new", "second new"]
    assert not OutboxMessage.objects.filter(published_at=None).exists()
    assert not QueuedMessage.objects.exists()


@pytest.mark.django_db
def test_a_listener_that_fails_hurts_neither_the_teller_nor_the_others(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
):
    def broken(_: str) -> None:
        raise RuntimeError("deaf")

    heard: list[str] = []
    monkeypatch.setattr(bus, "_listeners", {"news": [broken, heard.append]})
    with django_capture_on_commit_callbacks(execute=True):
        bus.tell("news", "all is well")
    assert heard == ["all is well"]
