"""Many at once, each with a control that fails with the lock taken away."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection

from apps.gamification import actions
from apps.gamification.events import BadgeEarned
from apps.gamification.models import EarnedBadge, Player, PointEntry, Standing
from apps.gamification.types import PointRule
from learninghub.db import uuid7
from tests.support.courses import make_course
from tests.support.gamification import award, disagreements
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def without_the_lock(user_id: Any) -> Player:
    """The player as anyone may read it; the nap lets everyone else read it too."""
    Player.objects.bulk_create([Player(user_id=user_id)], ignore_conflicts=True)
    return Player.objects.get(pk=user_id)


def nap() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(0.1)")


class TestPointsForTheSameThing:
    def test_are_given_once(self, race: Any, published: Any) -> None:
        learner, course, source = make_person(), make_course(), uuid7()
        results = race(lambda _: award(learner, course, source=source), 10)
        assert results == [None] * 10
        assert PointEntry.objects.count() == 1
        assert set(Standing.objects.values_list("points", flat=True)) == {10}
        assert len(published(BadgeEarned)) == EarnedBadge.objects.count() == 1
        assert disagreements() == []


class TestPointsForDifferentThings:
    def earn(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        learner, course = make_person(), make_course()
        adding = actions._add_points

        def add_after_a_nap(player: Player, **named: Any) -> None:
            nap()
            adding(player, **named)

        award(learner, course)
        monkeypatch.setattr(actions, "_add_points", add_after_a_nap)
        return race(lambda _: award(learner, course), 5)

    def test_all_count(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.earn(race, monkeypatch) == [None] * 5
        assert set(Standing.objects.values_list("points", flat=True)) == {60}
        assert disagreements() == []

    def test_would_get_lost_or_be_refused_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "_lock_player", without_the_lock)
        results = self.earn(race, monkeypatch)
        assert results != [None] * 5 or disagreements() != []
        assert set(Standing.objects.values_list("points", flat=True)) != {60}


class TestEverybodyAtOnce:
    def test_neither_waits_in_a_circle_nor_miscounts(self, race: Any) -> None:
        courses, people = [make_course(), make_course()], [make_person() for _ in range(8)]
        rules = [*PointRule]

        def live(number: int) -> None:
            for turn in range(8):
                award(people[(number + turn) % 8], courses[turn % 2], rule=rules[(number + turn) % len(rules)])
                if turn == number:
                    actions.show_on_leaderboard(user_id=people[number].id, on_leaderboard=number % 2 == 0)

        assert Counter(map(repr, race(live, 8))) == {"None": 8}
        assert disagreements() == []
