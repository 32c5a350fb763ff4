"""Of several schedules one leads; when it ends or its connection breaks, another does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from learninghub.outbox.leading import lead
from tests.support.instances.server import until

pytestmark = pytest.mark.django_db
WHO_LEADS = "select pid from pg_locks where locktype = 'advisory' and classid = 19528 and objid = 1000000"


class Schedule:
    """A schedule in a thread, and how many turns it has taken."""

    def __init__(self) -> None:
        self.turns = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        lead(self._turn, every_s=0.01, stop=self.stop)

    def _turn(self) -> None:
        self.turns += 1

    def end(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def begin() -> Iterator[Callable[[], Schedule]]:
    with _all_ended() as begun:

        def begin() -> Schedule:
            begun.append(Schedule())
            begun[-1].thread.start()
            return begun[-1]

        yield begin


@contextmanager
def _all_ended() -> Iterator[list[Schedule]]:
    begun: list[Schedule] = []
    try:
        yield begun
    finally:
        for schedule in begun:
            schedule.end()


def leaders() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(WHO_LEADS)
        return [pid for (pid,) in cursor.fetchall()]


def test_the_second_waits_and_takes_over_when_the_first_ends(begin: Callable[[], Schedule]) -> None:
    first = begin()
    until(lambda: first.turns >= 3, "the first does not lead")
    second = begin()
    until(lambda: first.turns >= 20, "the first does not go on")
    assert (second.turns, len(leaders())) == (0, 1)
    first.end()
    until(lambda: second.turns >= 3, "the second does not take over")


def test_a_leader_whose_connection_breaks_leads_no_more_until_it_is_its_turn(begin: Callable[[], Schedule]) -> None:
    first = begin()
    until(lambda: first.turns >= 1, "the first does not lead")
    second = begin()
    [leader] = leaders()
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [leader])
    until(lambda: leaders() not in ([], [leader]), "nobody leads")
    assert len(leaders()) == 1
    until(lambda: first.turns + second.turns >= 20, "nobody takes turns")
