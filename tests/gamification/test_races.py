"""Many at once, each with a control that fails with the lock taken away."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from apps.gamification import actions
from apps.gamification.actions import points, rewards
from apps.gamification.errors import AlreadyReversed, PointsMissing, SoldOut
from apps.gamification.events import BadgeEarned
from apps.gamification.models import EarnedBadge, Player, PointEntry, Redemption, Reward, RewardQuerySet, Standing
from apps.gamification.types import PointRule
from learninghub import audit
from learninghub.db import uuid7
from tests.support.courses import make_course
from tests.support.gamification import NOON, award, disagreements, make_reward
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
        adding = points._add_points

        def add_after_a_nap(player: Player, **named: Any) -> None:
            nap()
            adding(player, **named)

        award(learner, course)
        monkeypatch.setattr(points, "_add_points", add_after_a_nap)
        return race(lambda _: award(learner, course), 5)

    def test_all_count(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.earn(race, monkeypatch) == [None] * 5
        assert set(Standing.objects.values_list("points", flat=True)) == {60}
        assert disagreements() == []

    def test_would_get_lost_or_be_refused_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(points, "lock_player", without_the_lock)
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


class TestTheLastReward:
    def redeem_them(self, race: Any) -> list[Any]:
        course, people = make_course(), [make_person() for _ in range(50)]
        for person in people:
            award(person, course)
        reward = make_reward(cost=10, stock=1)
        return race(lambda number: actions.redeem(reward_id=reward, by=people[number].id, now=NOON), 50)

    def test_goes_to_one_of_fifty(self, race: Any) -> None:
        assert kinds(self.redeem_them(race)) == {UUID: 1, SoldOut: 49}
        assert (Reward.objects.get().taken, Redemption.objects.count()) == (1, 1)
        assert sum(Player.objects.values_list("spent", flat=True)) == 10
        assert disagreements() == []

    def test_would_go_to_several_if_it_were_looked_up_first(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        has_room = RewardQuerySet.left

        def looks_first(offered: RewardQuerySet) -> RewardQuerySet:
            is_left = has_room(offered.all()).exists()
            nap()
            return offered if is_left else offered.none()

        monkeypatch.setattr(RewardQuerySet, "left", looks_first)
        with _without_the_check():
            results = self.redeem_them(race)
            assert kinds(results)[UUID] > 1
            assert Reward.objects.get().taken > 1


class TestDoubleSpending:
    def spend(self, race: Any) -> list[Any]:
        learner, course = make_person(), make_course()
        award(learner, course)
        reward = make_reward(cost=10)
        return race(lambda _: actions.redeem(reward_id=reward, by=learner.id, now=NOON), 20)

    def test_is_refused_but_once(self, race: Any) -> None:
        assert kinds(self.spend(race)) == {UUID: 1, PointsMissing: 19}
        assert (Player.objects.get().spent, Redemption.objects.count()) == (10, 1)
        assert disagreements() == []

    def test_would_succeed_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def unlocked_after_a_nap(user_id: Any) -> Player:
            player = without_the_lock(user_id)
            nap()
            return player

        monkeypatch.setattr(rewards, "lock_player", unlocked_after_a_nap)
        assert kinds(self.spend(race))[UUID] > 1
        assert disagreements() != []


class TestAReversal:
    def reverse(self, race: Any) -> list[Any]:
        learner, course, staff = make_person(), make_course(), make_person(roles={"staff"})
        award(learner, course)
        made = actions.redeem(reward_id=make_reward(stock=5), by=learner.id, now=NOON)
        return race(lambda _: actions.reverse_redemption(redemption_id=made, note="Broken.", by=staff.id, now=NOON), 5)

    def test_gives_back_once(self, race: Any) -> None:
        assert kinds(self.reverse(race)) == {type(None): 1, AlreadyReversed: 4}
        assert (Player.objects.get().spent, Reward.objects.get().taken) == (0, 0)
        assert disagreements() == []

    def test_would_give_back_often_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rewards, "lock_player", without_the_lock)
        monkeypatch.setattr(audit, "record", lambda **_: nap())
        assert kinds(self.reverse(race)) != {type(None): 1, AlreadyReversed: 4}


def kinds(results: list[Any]) -> Counter[type]:
    return Counter(type(result) for result in results)


@contextmanager
def _without_the_check() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("alter table gamification_reward drop constraint gamification_reward_in_stock")
        try:
            yield
        finally:
            cursor.execute("truncate gamification_reward cascade")
            cursor.execute(
                "alter table gamification_reward add constraint gamification_reward_in_stock"
                " check (stock is null or taken <= stock)"
            )
