"""What everyone reads: the list in its orders, the summary, what both cost and how long they are kept."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.courses.types import CourseCard
from apps.users import api as users
from apps.users.types import Person
from learninghub.clock import now
from tests.support.courses import make_course
from tests.support.enrollments import NOON, complete_course, enrol
from tests.support.people import make_person
from tests.support.reviews import make_learner, make_review, report, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(course: CourseCard) -> CourseCard:
    """Reviewed with 2, 5, 3, 5 and 2 stars, a day apart; another course is reviewed too."""
    for day, rating in enumerate((2, 5, 3, 5, 2)):
        make_review(course, rating=rating, text=f"Day {day}", now=NOON + timedelta(days=day))
    make_review(make_course(lessons=1), rating=1)
    return course


class TestTheList:
    @pytest.mark.parametrize(
        ("query", "days"),
        [
            ({}, [4, 3, 2, 1, 0]),
            ({"sort": "newest"}, [4, 3, 2, 1, 0]),
            ({"sort": "highest"}, [3, 1, 2, 4, 0]),
            ({"sort": "lowest"}, [4, 0, 2, 3, 1]),
            ({"rating": 5}, [3, 1]),
            ({"rating": 4}, []),
        ],
        ids=str,
    )
    def test_comes_in_the_order_asked_for_page_by_page_and_back(
        self, client: Any, reviewed: CourseCard, query: dict[str, Any], days: list[int]
    ) -> None:
        pages = [client.get("reviews/", course_id=reviewed.id, page_size=2, **query)]
        while pages[-1].json["next"]:
            pages.append(client.get(pages[-1].json["next"]))
        found = [row["text"] for page in pages for row in page.json["results"]]
        assert found == [f"Day {day}" for day in days]
        for earlier, later in itertools.pairwise(pages):
            assert client.get(later.json["previous"]).json["results"] == earlier.json["results"]

    @pytest.mark.parametrize(
        "query", [{"sort": "helpful"}, {"rating": 6}, {"course_id": "x"}, {"cursor": "WzFd"}], ids=str
    )
    def test_refuses_what_it_does_not_know(self, client: Any, course: CourseCard, query: dict[str, Any]) -> None:
        assert client.get("reviews/", **{"course_id": course.id, **query}).status == 400

    def test_is_of_one_course(self, client: Any) -> None:
        answer = client.get("reviews/")
        assert (answer.status, list(answer.json["errors"])) == (400, ["course_id"])

    def test_is_empty_of_what_nobody_has_reviewed(self, client: Any) -> None:
        nothing = make_person().id
        assert client.get("reviews/", course_id=nothing).json == {"next": None, "previous": None, "results": []}
        assert client.get("reviews/summary/", course_id=nothing).json == {
            "course_id": str(nothing),
            "count": 0,
            "average": 0.0,
            "histogram": [0, 0, 0, 0, 0],
        }

    def test_names_its_authors_as_they_are_called_now(
        self, client: Any, as_user: Any, course: CourseCard, deliver_all: Callable[[], int]
    ) -> None:
        learner = make_learner(course, display_name="Ada")
        review(learner, course)
        assert client.get("reviews/", course_id=course.id).json["results"][0]["author_name"] == "Ada"
        as_user(learner).patch("users/me/", {"display_name": "Ada Lovelace"})
        deliver_all()
        assert client.get("reviews/", course_id=course.id).json["results"][0]["author_name"] == "Ada Lovelace"
        assert users.get_person(user_id=learner.id).display_name == "Ada Lovelace"


class TestTheSummary:
    def test_adds_up_what_is_shown(self, client: Any, reviewed: CourseCard) -> None:
        answer = client.get("reviews/summary/", course_id=reviewed.id)
        assert answer.json == {
            "course_id": str(reviewed.id),
            "count": 5,
            "average": 3.4,
            "histogram": [0, 2, 1, 0, 2],
        }


class TestCost:
    @pytest.mark.parametrize("is_signed_in", [False, True], ids=["nameless", "signed in"])
    def test_of_the_list_is_one_statement_for_3_and_for_30(
        self, client: Any, as_user: Any, course: CourseCard, queries_of: Any, is_signed_in: bool
    ) -> None:
        reader = as_user(make_person()) if is_signed_in else client
        counts = []
        for old, reach in ((0, 3), (3, 30)):
            for _ in range(old, reach):
                make_review(course)
            asked = {"course_id": course.id, "page_size": 97 + reach // 10}
            counts.append(queries_of(lambda asked=asked: reader.get("reviews/", **asked)))
            assert len(reader.get("reviews/", **asked).json["results"]) == reach
        assert counts == [1, 1]

    def test_of_the_summary_is_one_statement(self, as_user: Any, reviewed: CourseCard, queries_of: Any) -> None:
        reader = as_user(make_person())
        assert queries_of(lambda: reader.get("reviews/summary/", course_id=reviewed.id)) == 1


class TestCaching:
    @pytest.mark.parametrize("path", ["reviews/", "reviews/summary/"])
    def test_answers_304_until_something_shown_changes(
        self, client: Any, as_user: Any, course: CourseCard, teacher: Person, queries_of: Any, path: str
    ) -> None:
        learner = make_learner(course)
        first = client.get(path, course_id=course.id)
        assert first.headers["Cache-Control"] == "public, max-age=60"
        assert queries_of(lambda: client.get(path, course_id=course.id)) == 0
        seen = {"If-None-Match": first.headers["ETag"]}
        assert client.get(path, course_id=course.id, headers=seen).status == 304
        posted = as_user(learner).post("reviews/", {"course_id": str(course.id), "rating": 5})
        assert posted.status == 201
        changed = client.get(path, course_id=course.id, headers=seen)
        assert (changed.status, queries_of(lambda: client.get(path, course_id=course.id))) == (200, 0)

    def test_shows_an_answer_at_once(self, client: Any, as_user: Any, course: CourseCard, teacher: Person) -> None:
        review_id = make_review(course)
        assert client.get("reviews/", course_id=course.id).json["results"][0]["reply"] == ""
        as_user(teacher).post(f"reviews/{review_id}/reply/", {"text": "Thanks."})
        assert client.get("reviews/", course_id=course.id).json["results"][0]["reply"] == "Thanks."

    def test_forgets_at_once_what_was_hidden(self, client: Any, staff: Any, course: CourseCard) -> None:
        review_id = make_review(course)
        assert len(client.get("reviews/", course_id=course.id).json["results"]) == 1
        staff.post(f"reviews/{review_id}/moderate/", {"decision": "hide", "reason": "abuse", "note": "Rude."})
        assert client.get("reviews/", course_id=course.id).json["results"] == []


class TestTheCatalogue:
    def test_is_sorted_and_filtered_by_what_learners_say(
        self, client: Any, teacher: Person, deliver_all: Callable[[], int]
    ) -> None:
        good, poor, new = (make_course(author=teacher, lessons=1, title=title) for title in ("Good", "Poor", "New"))
        before = client.get("courses/", sort="rating")
        for rating in (5, 4, 4):
            make_review(good, rating=rating)
        make_review(poor, rating=1)
        deliver_all()
        after = client.get("courses/", sort="rating", headers={"If-None-Match": before.headers["ETag"]})
        assert after.status == 200
        assert [(row["title"], row["rating"], row["rating_count"]) for row in after.json["results"]] == [
            ("Good", 4.33, 3),
            ("Poor", 1.0, 1),
            ("New", 0.0, 0),
        ]
        assert [row["title"] for row in client.get("courses/", min_rating="4").json["results"]] == ["Good"]
        summary = client.get("reviews/summary/", course_id=good.id).json
        assert (summary["average"], summary["count"]) == (4.33, 3)
        assert client.get(f"courses/{new.id}/").json["rating"] == 0.0


class TestTheQueue:
    def test_costs_the_same_for_three_and_for_thirty(self, staff: Any, course: CourseCard, queries_of: Any) -> None:
        counts = []
        for old, reach in ((0, 3), (3, 30)):
            for _ in range(old, reach):
                report(make_review(course), make_person(), make_person())
            counts.append(queries_of(lambda: staff.get("reviews/reports/", page_size=100)))
            assert len(staff.get("reviews/reports/", page_size=100).json["results"]) == reach
        assert counts == [2, 2]


class TestFeedback:
    def test_costs_the_same_for_three_and_for_thirty(
        self, as_user: Any, course: CourseCard, teacher: Person, queries_of: Any
    ) -> None:
        counts = []
        for old, reach in ((0, 3), (3, 30)):
            for _ in range(old, reach):
                sent = as_user(make_learner(course)).post(f"reviews/courses/{course.id}/feedback/", {"text": "Hm."})
                assert sent.status == 201
            counts.append(
                queries_of(lambda: as_user(teacher).get(f"reviews/courses/{course.id}/feedback/", page_size=99))
            )
        assert counts[0] == counts[1]


class TestOwn:
    def test_costs_the_same_for_three_and_for_thirty(self, as_user: Any, teacher: Person, queries_of: Any) -> None:
        learner = make_person()
        counts = []
        for old, reach in ((0, 3), (3, 30)):
            for _ in range(old, reach):
                course = make_course(author=teacher, lessons=1)
                complete_course(enrol(learner, course))
                review(learner, course, now=now())
            counts.append(queries_of(lambda: as_user(learner).get("reviews/mine/", page_size=99)))
        assert counts == [1, 1]
