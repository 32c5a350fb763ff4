"""Many at once, each with a control that fails with the lock taken away."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from apps.courses.types import CourseCard
from apps.reviews import actions
from apps.reviews.actions import keeping, writing
from apps.reviews.errors import AlreadyReviewed
from apps.reviews.events import ReviewHidden, ReviewPosted
from apps.reviews.models import RatedCourse, Review
from apps.reviews.types import Reason
from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.enrollments import NOON
from tests.support.people import make_person
from tests.support.reviews import disagreements, make_learner, make_review, review

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unlock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Takes the lock away: so many at a time read the ratings before any of them writes."""

    def unlock(readers: int) -> None:
        all_have_read = Barrier(readers, timeout=20)

        def without_the_lock(course_id: UUID) -> RatedCourse:
            rated = RatedCourse.objects.get(pk=course_id)
            all_have_read.wait()
            return rated

        for module in (keeping, writing):
            monkeypatch.setattr(module, "lock_course", without_the_lock)

    return unlock


@contextmanager
def _without_the_constraint() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("alter table reviews_review drop constraint reviews_review_once")
        try:
            yield
        finally:
            cursor.execute("truncate reviews_review cascade")
            cursor.execute(
                "alter table reviews_review add constraint reviews_review_once unique (course_id, author_id)"
            )


def kinds(results: list[Any]) -> Counter[type]:
    return Counter(type(result) for result in results)


class TestADoubleClick:
    @pytest.fixture
    def click(self, race: Any) -> Any:
        course = make_course(lessons=1)
        make_review(course)  # the first of a course waits for its ratings to be made
        learner = make_learner(course)
        return lambda: race(lambda _: review(learner, course), 5)

    def test_reviews_once(self, click: Any, published: Any) -> None:
        assert kinds(click()) == {UUID: 1, AlreadyReviewed: 4}
        assert (Review.objects.count(), len(published(ReviewPosted))) == (2, 2)
        assert disagreements() == []

    def test_is_stopped_by_the_constraint_where_the_lock_is_missing(self, click: Any, unlock: Any) -> None:
        unlock(5)
        assert kinds(click()) == {UUID: 1, IntegrityError: 4}
        assert Review.objects.count() == 2

    def test_would_review_often_without_either(self, click: Any, unlock: Any) -> None:
        unlock(5)
        with _without_the_constraint():
            assert kinds(click()) == {UUID: 5}
            assert Review.objects.count() == 6


class TestTwentyWriters:
    @pytest.fixture
    def course(self) -> CourseCard:
        course = make_course(lessons=1)
        RatedCourse.objects.create(course_id=course.id)
        return course

    def write(self, race: Any, course: CourseCard) -> None:
        learners = [make_learner(course) for _ in range(20)]
        results = race(lambda number: review(learners[number], course, rating=1 + number % 5), 20)
        assert kinds(results) == {UUID: 20}

    def test_are_all_counted(self, race: Any, course: CourseCard) -> None:
        self.write(race, course)
        assert RatedCourse.objects.get(pk=course.id).histogram == (4, 4, 4, 4, 4)
        assert disagreements() == []

    def test_would_be_lost_without_the_lock(self, race: Any, course: CourseCard, unlock: Any) -> None:
        unlock(4)
        self.write(race, course)
        assert sum(RatedCourse.objects.get(pk=course.id).histogram) < 20
        assert disagreements() != []


class TestAnEditAndAModeration:
    @pytest.fixture
    def clash(self, race: Any) -> Callable[[], list[Any]]:
        course, staff = make_course(lessons=1), make_person(roles={"staff"})
        make = [make_learner(course) for _ in range(3)]
        made: list[tuple[Person, UUID]] = [(learner, review(learner, course, rating=5)) for learner in make]
        learner, review_id = made[0]

        def act(number: int) -> None:
            if number:
                actions.hide_review(review_id=review_id, reason=Reason.ABUSE, note="Rude.", by=staff.id, now=NOON)
            else:
                actions.edit_review(review_id=review_id, by=learner.id, now=NOON, rating=1, text="Changed.")

        return lambda: list(race(act, 2))

    def test_both_happen(self, clash: Any, published: Any) -> None:
        assert clash() == [None, None]
        changed = Review.objects.get(rating=1)
        assert (changed.text, changed.hidden_for) == ("Changed.", Reason.ABUSE)
        assert RatedCourse.objects.get().histogram == (0, 0, 0, 0, 2)
        assert len(published(ReviewHidden)) == 1
        assert disagreements() == []

    def test_would_undo_each_other_without_the_lock(self, clash: Any, unlock: Any) -> None:
        unlock(2)
        clash()
        both = Review.objects.filter(rating=1, hidden_for=Reason.ABUSE)
        assert not both.exists() or disagreements() != []
        assert RatedCourse.objects.get().histogram != (0, 0, 0, 0, 2) or disagreements() != []


class TestEverythingAtOnce:
    def test_neither_waits_in_a_circle_nor_miscounts(self, race: Any) -> None:
        courses, staff = [make_course(lessons=1) for _ in range(2)], make_person(roles={"staff"})
        learners = [[make_learner(course) for _ in range(4)] for course in courses]

        def live(number: int) -> None:
            side, place = divmod(number, 4)
            learner, course = learners[side][place], courses[side]
            mine = review(learner, course, rating=1 + place)
            for turn in range(4):
                actions.edit_review(review_id=mine, by=learner.id, now=NOON, rating=1 + (place + turn) % 5)
                actions.hide_review(review_id=mine, reason=Reason.SPAM, note="So.", by=staff.id, now=NOON)
                actions.restore_review(review_id=mine, note="Not so.", by=staff.id, now=NOON)
                actions.withdraw_review(review_id=mine, now=NOON)

        assert Counter(map(repr, race(live, 8))) == {"None": 8}
        assert disagreements() == []
        assert {course.histogram for course in RatedCourse.objects.order_by("pk")} == {(0, 0, 0, 0, 0)}
