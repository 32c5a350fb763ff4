"""The exact rank from the histogram, and how many statements the reads take."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.gamification import actions, queries
from apps.gamification.models import ALWAYS, EVERYWHERE, Standing
from apps.gamification.rules import POINTS
from apps.gamification.types import PointRule
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.gamification import NOON, award, disagreements
from tests.support.people import make_person
from tests.support.search import few

PEOPLE = st.integers(min_value=0, max_value=5)
AWARDS = st.tuples(PEOPLE, st.sampled_from(PointRule), st.integers(min_value=0, max_value=3))
CHOICES = st.tuples(PEOPLE, st.booleans())


class TestRank(TestCase):
    @few(15)
    @given(st.lists(st.one_of(AWARDS, CHOICES), max_size=25))
    def test_is_the_place_in_the_sorted_list_of_who_is_shown(self, steps: list[tuple[Any, ...]]) -> None:
        people, course = [make_person() for _ in range(6)], make_course()
        points, reached, hidden = dict.fromkeys(range(6), 0), dict.fromkeys(range(6), NOON), set[int]()
        for step in steps:
            if len(step) == 2:
                number, is_shown = step
                actions.show_on_leaderboard(user_id=people[number].id, on_leaderboard=is_shown)
                (hidden.discard if is_shown else hidden.add)(number)
            else:
                number, rule, minute = step
                at = NOON + timedelta(minutes=minute)
                reached[number] = max(reached[number], at)
                award(people[number], course, rule=rule, now=at)
                points[number] += POINTS[rule]
        shown = [number for number in range(6) if points[number] and number not in hidden]
        shown.sort(key=lambda number: (-points[number], reached[number], people[number].id))
        for number, person in enumerate(people):
            place = queries.get_place(user_id=person.id, scope=EVERYWHERE, week=ALWAYS)
            expected = shown.index(number) + 1 if number in shown else None
            assert (place.points, place.rank) == (points[number], expected)
        assert disagreements() == []


@pytest.mark.django_db
class TestStatements:
    @pytest.mark.parametrize("rows", [3, 30])
    def test_of_a_leaderboard_are_4_however_many_are_on_it(self, as_user: Any, queries_of: Any, rows: int) -> None:
        course, people = make_course(), [make_person() for _ in range(rows)]
        for person in people:
            award(person, course)
        client = as_user(people[0])
        page_and_place, people_door = 2, 1
        first = lambda: client.get("gamification/leaderboard/", page_size=2)  # noqa: E731
        assert queries_of(first) == page_and_place + people_door
        second, rank_of_its_first_row = first().json["next"], 1
        assert queries_of(lambda: client.get(second)) == page_and_place + people_door + rank_of_its_first_row

    def test_of_a_course_s_leaderboard_are_one_more(self, as_user: Any, queries_of: Any) -> None:
        learner, course = make_person(), make_course()
        enrol(learner, course)
        award(learner, course)
        client = as_user(learner)
        assert queries_of(lambda: client.get("gamification/leaderboard/", course_id=course.id)) == 3 + 1

    def test_of_the_badges_are_2(self, as_user: Any, queries_of: Any) -> None:
        client = as_user(make_person())
        assert queries_of(lambda: client.get("gamification/badges/")) == 2

    def test_of_points_given_are_11(self, queries_of: Any) -> None:
        learner, course = make_person(), make_course()
        award(learner, course)
        assert queries_of(lambda: award(learner, course)) == 11


@pytest.mark.django_db
class TestPlace:
    def test_is_nothing_without_points(self) -> None:
        place = queries.get_place(user_id=make_person().id, scope=EVERYWHERE, week=ALWAYS)
        assert (place.points, place.rank) == (0, None)
        assert not Standing.objects.exists()
