"""Many at once, each with a control that fails with the lock taken away."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from apps.gamification import actions
from apps.gamification.actions import points, rewards
from apps.gamification.errors import AlreadyReversed, PointsMissing, SoldOut
from apps.gamification.events import BadgeEarned
from apps.gamification.models import EarnedBadge, Player, PointEntry, Redemption, Reward, RewardQuerySet, Standing
from apps.gamification.types import PointRule
from learninghub.db import uuid7
from tests.support.courses import make_course
from tests.support.gamification import NOON, award, disagreements, make_reward
from tests.support.load import meet
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def without_the_lock(user_id: Any) -> Player:
    """The player as anyone may read it."""
    Player.objects.bulk_create([Player(user_id=user_id)], ignore_conflicts=True)
    return Player.objects.get(pk=user_id)


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
    @pytest.fixture
    def earn(self, race: Any) -> Callable[[], list[Any]]:
        learner, course = make_person(), make_course()
        award(learner, course)
        return lambda: list(race(lambda _: award(learner, course), 5))

    def test_all_count(self, earn: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, points, "lock_player", 5)
        assert earn() == [None] * 5
        assert set(Standing.objects.values_list("points", flat=True)) == {60}
        assert disagreements() == []

    def test_would_get_lost_or_be_refused_without_the_lock(
        self, earn: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(points, "lock_player", without_the_lock)
        meet(monkeypatch, points, "lock_player", 5, after=True)
        results = earn()
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

    def test_goes_to_one_of_fifty(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, RewardQuerySet, "left", 50)
        assert kinds(self.redeem_them(race)) == {UUID: 1, SoldOut: 49}
        assert (Reward.objects.get().taken, Redemption.objects.count()) == (1, 1)
        assert sum(Player.objects.values_list("spent", flat=True)) == 10
        assert disagreements() == []

    def test_would_go_to_several_if_it_were_looked_up_first(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        has_room = RewardQuerySet.left

        def looks_first(offered: RewardQuerySet) -> RewardQuerySet:
            return offered if has_room(offered.all()).exists() else offered.none()

        monkeypatch.setattr(RewardQuerySet, "left", looks_first)
        meet(monkeypatch, RewardQuerySet, "left", 50, after=True)
        with _without_the_check():
            assert kinds(self.redeem_them(race)) == {UUID: 50}
            assert Reward.objects.get().taken == 50


class TestDoubleSpending:
    def spend(self, race: Any) -> list[Any]:
        learner, course = make_person(), make_course()
        award(learner, course)
        reward = make_reward(cost=10)
        return race(lambda _: actions.redeem(reward_id=reward, by=learner.id, now=NOON), 20)

    def test_is_refused_but_once(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, rewards, "lock_player", 20)
        assert kinds(self.spend(race)) == {UUID: 1, PointsMissing: 19}
        assert (Player.objects.get().spent, Redemption.objects.count()) == (10, 1)
        assert disagreements() == []

    def test_would_succeed_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rewards, "lock_player", without_the_lock)
        meet(monkeypatch, rewards, "lock_player", 20, after=True)
        assert kinds(self.spend(race)) == {UUID: 20}
        assert disagreements() != []


class TestAReversal:
    @pytest.fixture
    def reverse(self, race: Any) -> Callable[[], list[Any]]:
        learner, course, staff = make_person(), make_course(), make_person(roles={"staff"})
        award(learner, course)
        made = actions.redeem(reward_id=make_reward(stock=5), by=learner.id, now=NOON)
        asked = {"redemption_id": made, "note": "Broken.", "by": staff.id, "now": NOON}
        return lambda: list(race(lambda _: actions.reverse_redemption(**asked), 5))

    def test_gives_back_once(self, reverse: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
        meet(monkeypatch, rewards, "lock_player", 5)
        assert kinds(reverse()) == {type(None): 1, AlreadyReversed: 4}
        assert (Player.objects.get().spent, Reward.objects.get().taken) == (0, 0)
        assert disagreements() == []

    def test_would_give_back_what_nobody_took_without_the_lock(
        self, reverse: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rewards, "lock_player", without_the_lock)
        meet(monkeypatch, Redemption, "save", 5)  # each has found that it is not reversed yet
        assert kinds(reverse()) == {type(None): 1, IntegrityError: 4}  # fewer than none are taken


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
