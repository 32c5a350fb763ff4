"""Two learners who move through each other's buckets, with a control that takes its locks in two turns."""

from collections import Counter
from collections.abc import Sequence
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError

from apps.gamification import actions
from apps.gamification.actions import points
from apps.gamification.models import ALWAYS, EVERYWHERE, Player, Standing
from apps.gamification.types import PointRule
from learninghub.db import uuid7
from tests.support.courses import make_course
from tests.support.gamification import NOON, award, disagreements
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


class TestTwoPerfectAttempts:
    @pytest.fixture
    def hand_in(self, race: Any) -> Any:
        """One has ten points in the course, the other twenty elsewhere: each passes where the other stood."""
        course, elsewhere = make_course(), make_course()
        here, newcomer = make_person(), make_person()
        award(here, course)
        award(newcomer, elsewhere)
        award(newcomer, elsewhere)

        def hand_in(number: int) -> None:
            about = {"user_id": (here, newcomer)[number].id, "course_id": course.id, "quiz_id": uuid7()}
            actions.award_attempt(**about, passed=True, score=points.PERFECT, now=NOON)

        return lambda: race(hand_in, 2)

    def test_are_both_rewarded(self, hand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        both_are_here, move = Barrier(2, timeout=20), points._move

        def move_together(moves: Counter[points.Cell]) -> None:
            both_are_here.wait()
            move(moves)

        monkeypatch.setattr(points, "_move", move_together)
        assert hand_in() == [None, None]
        assert sorted(Standing.objects.filter(scope=EVERYWHERE, week=ALWAYS).values_list("points", flat=True)) == [
            40,
            50,
        ]
        assert disagreements() == []

    def test_would_wait_in_a_circle_if_each_award_moved_them(
        self, hand_in: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both_have_passed, give = Barrier(2, timeout=20), points._award

        def one_by_one(player: Player, rules: Sequence[PointRule], **named: Any) -> None:
            for rule in rules:
                give(player, [rule], **named)
                if rule == PointRule.QUIZ_PASSED:
                    both_have_passed.wait()

        monkeypatch.setattr(points, "_award", one_by_one)
        assert Counter(map(type, hand_in())) == {type(None): 1, OperationalError: 1}
        assert disagreements() == []
