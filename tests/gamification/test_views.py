"""Points, ranks and badges over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from apps.gamification.models import Bucket, Player
from apps.gamification.types import PointRule
from apps.users import api as users
from tests.support.courses import make_course
from tests.support.enrollments import enrol
from tests.support.gamification import NOON, award, disagreements
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
LAST_WEEK = NOON - timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _on_a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def ranks(answer: Any) -> list[tuple[int, str, int]]:
    assert answer.status == 200
    return [(row["rank"], row["name"], row["points"]) for row in answer.json["results"]]


class TestMe:
    def test_is_empty_at_the_start(self, as_user: Any) -> None:
        assert as_user(make_person()).get("gamification/me/").json == {
            "points": 0,
            "balance": 0,
            "rank": None,
            "week_points": 0,
            "week_rank": None,
            "weeks_in_a_row": 0,
            "badges": 0,
            "on_leaderboard": True,
        }

    def test_shows_points_ranks_and_badges(self, as_user: Any) -> None:
        learner, rival, course = make_person(), make_person(), make_course()
        award(rival, course, rule=PointRule.COURSE_COMPLETED, now=LAST_WEEK)
        award(learner, course, now=LAST_WEEK)
        award(learner, course)
        assert as_user(learner).get("gamification/me/").json == {
            "points": 20,
            "balance": 20,
            "rank": 2,
            "week_points": 10,
            "week_rank": 1,
            "weeks_in_a_row": 2,
            "badges": 1,
            "on_leaderboard": True,
        }

    def test_needs_a_name(self, client: Any) -> None:
        assert client.get("gamification/me/").status == 401


class TestBadges:
    def test_show_how_far_one_is(self, as_user: Any) -> None:
        learner, course = make_person(), make_course()
        for _ in range(3):
            award(learner, course, rule=PointRule.COURSE_COMPLETED)
        award(make_person(), course, rule=PointRule.QUIZ_PERFECT)
        answer = as_user(learner).get("gamification/badges/")
        assert answer.status == 200
        progress = {row["key"]: (row["progress"], row["goal"], row["earned_at"]) for row in answer.json["results"]}
        assert progress == {
            "first-lesson": (0, 1, None),
            "fifty-lessons": (0, 50, None),
            "first-course": (1, 1, "2026-11-18T12:00:00Z"),
            "five-courses": (3, 5, None),
            "perfect-quiz": (0, 1, None),
            "ten-quizzes": (0, 10, None),
            "four-weeks": (1, 4, None),
        }
        assert answer.json["results"][3]["name"] == "Scholar"

    def test_need_a_name(self, client: Any) -> None:
        assert client.get("gamification/badges/").status == 401


class TestLeaderboard:
    def test_ranks_by_points_then_by_who_was_there_first_then_by_id(self, as_user: Any) -> None:
        course = make_course()
        slow, quick, best, *twins = (
            make_person(display_name=name) for name in ["Slow", "Quick", "Best", "Twin", "Twin"]
        )
        award(best, course, rule=PointRule.COURSE_COMPLETED)
        award(slow, course, now=NOON)
        award(quick, course, now=NOON - timedelta(hours=1))
        for twin in reversed(twins):
            award(twin, course, now=NOON + timedelta(hours=1))
        answer = as_user(slow).get("gamification/leaderboard/")
        assert ranks(answer) == [(1, "Best", 100), (2, "Quick", 10), (3, "Slow", 10), (4, "Twin", 10), (5, "Twin", 10)]
        assert [row["user_id"] for row in answer.json["results"][3:]] == sorted(str(twin.id) for twin in twins)
        assert answer.json["me"] == {"points": 10, "rank": 3}

    def test_keeps_counting_from_page_to_page_and_back(self, as_user: Any) -> None:
        course = make_course()
        people = [make_person(display_name=f"P{number}") for number in range(7)]
        for number, person in enumerate(people):
            for _ in range(7 - number):
                award(person, course)
        client = as_user(people[6])
        pages = [client.get("gamification/leaderboard/", page_size=3)]
        while pages[-1].json["next"]:
            pages.append(client.get(pages[-1].json["next"]))
        assert [ranks(page) for page in pages] == [
            [(1, "P0", 70), (2, "P1", 60), (3, "P2", 50)],
            [(4, "P3", 40), (5, "P4", 30), (6, "P5", 20)],
            [(7, "P6", 10)],
        ]
        assert ranks(client.get(pages[2].json["previous"])) == ranks(pages[1])
        assert ranks(client.get(pages[1].json["previous"])) == ranks(pages[0])
        assert {page.json["me"]["rank"] for page in pages} == {7}

    def test_can_be_of_this_week(self, as_user: Any) -> None:
        course, past, present = make_course(), make_person(display_name="Past"), make_person(display_name="Present")
        award(past, course, rule=PointRule.COURSE_COMPLETED, now=LAST_WEEK)
        award(present, course)
        client = as_user(past)
        assert ranks(client.get("gamification/leaderboard/", period="week")) == [(1, "Present", 10)]
        assert client.get("gamification/leaderboard/", period="week").json["me"] == {"points": 0, "rank": None}
        assert ranks(client.get("gamification/leaderboard/", period="all")) == [
            (1, "Past", 100),
            (2, "Present", 10),
        ]
        assert client.get("gamification/leaderboard/", period="year").status == 400

    def test_can_be_of_one_course_for_its_learners_and_instructors(self, as_user: Any, client: Any) -> None:
        course, other = make_course(), make_course()
        learner = make_person(display_name="Learner")
        enrol(learner, course)
        award(learner, course)
        award(learner, other)
        address = f"gamification/leaderboard/?course_id={course.id}"
        for person in (learner, users.get_person(user_id=course.author_id)):
            assert ranks(as_user(person).get(address)) == [(1, "Learner", 10)]
        for stranger in (make_person(), users.get_person(user_id=other.author_id)):
            answer = as_user(stranger).get(address)
            assert (answer.status, answer.json["code"]) == (404, "course_not_found")
        assert client.get(address).status == 401
        assert as_user(learner).get(f"gamification/leaderboard/?course_id={UUID(int=7)}").status == 404


class TestSettings:
    def test_hide_from_others_and_keep_the_points(self, as_user: Any) -> None:
        course, shy, other = make_course(), make_person(display_name="Shy"), make_person(display_name="Other")
        award(shy, course, rule=PointRule.COURSE_COMPLETED)
        award(other, course)
        for _ in range(2):
            answer = as_user(shy).put("gamification/me/settings/", json={"on_leaderboard": False})
            assert (answer.status, answer.json) == (200, {"on_leaderboard": False})
        award(shy, course)
        assert ranks(as_user(other).get("gamification/leaderboard/")) == [(1, "Other", 10)]
        assert as_user(other).get("gamification/me/").json["rank"] == 1
        mine = as_user(shy).get("gamification/me/").json
        assert (mine["points"], mine["rank"], mine["on_leaderboard"], mine["badges"]) == (110, None, False, 2)
        assert disagreements() == []

    def test_show_again_with_all_that_was_earned_meanwhile(self, as_user: Any) -> None:
        course, shy, other = make_course(), make_person(display_name="Shy"), make_person(display_name="Other")
        as_user(shy).put("gamification/me/settings/", json={"on_leaderboard": False})
        award(shy, course, rule=PointRule.COURSE_COMPLETED)
        award(other, course)
        as_user(shy).put("gamification/me/settings/", json={"on_leaderboard": True})
        assert ranks(as_user(other).get("gamification/leaderboard/")) == [(1, "Shy", 100), (2, "Other", 10)]
        assert disagreements() == []

    def test_are_one_s_own(self, as_user: Any, client: Any) -> None:
        assert client.put("gamification/me/settings/", json={"on_leaderboard": False}).status == 401
        assert as_user(make_person()).put("gamification/me/settings/", json={}).status == 400
        assert not Player.objects.exists()
        assert not Bucket.objects.exists()
