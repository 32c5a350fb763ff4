"""Many at once, each with a control that fails with the lock or the condition taken away."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connection

from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments import actions
from apps.enrollments import api as enrollments
from apps.enrollments.actions import enrolment, progress
from apps.enrollments.errors import AlreadyEnrolled, SeatsExhausted
from apps.enrollments.events import CourseCompleted, LearnerEnrolled, LessonCompleted
from apps.enrollments.models import Enrollment, TrackedCourse
from apps.enrollments.types import Enrollment as EnrollmentSeen
from apps.enrollments.types import EnrollmentState, Source
from apps.users.types import Person
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import NOON, complete_lesson, disagreements, enrol
from tests.support.load import gathered
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

SEAT = "tracked.taken + tracked.held < %(capacity)s::integer"
SEAT_AS_SEEN = (
    "(select taken from enrollments_trackedcourse where course_id = placed.course_id) < %(capacity)s::integer"
)


def enrol_as(person: Person, course: CourseCard) -> Any:
    return actions.enrol(user_id=person.id, course_id=course.id, source=Source.FREE, now=NOON)


def tracked_course(**fields: Any) -> CourseCard:
    course = make_course(**fields)
    actions.follow_outline(course_id=course.id)
    return course


@contextmanager
def meeting(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, statement: str, table: str, parties: int
) -> Iterator[None]:
    """So many take their snapshots before any goes on, so that the race is there every time."""
    with gathered(parties) as all_of_them:
        changed = statement.replace(f"from {table}", f"from {all_of_them} cross join {table}", 1)
        assert changed != statement
        monkeypatch.setattr(owner, name, changed)
        yield


def placing(monkeypatch: pytest.MonkeyPatch, statement: str, parties: int) -> AbstractContextManager[None]:
    return meeting(monkeypatch, enrolment, "_PLACE", statement, "enrollments_trackedcourse", parties)


def writing(monkeypatch: pytest.MonkeyPatch, statement: str, parties: int) -> AbstractContextManager[None]:
    return meeting(monkeypatch, progress, "_WRITE", statement, "enrollments_enrollment enrolled", parties)


def kinds(results: list[Any]) -> Counter[type]:
    return Counter(type(result) for result in results)


class TestADoubleClick:
    def test_enrols_once(self, race: Any, published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        learner, course = make_person(), tracked_course()
        with placing(monkeypatch, enrolment._PLACE, 10):
            results = race(lambda _: enrol_as(learner, course), 10)
        assert kinds(results) == {EnrollmentSeen: 1, AlreadyEnrolled: 9}
        assert (Enrollment.objects.count(), TrackedCourse.objects.get().taken) == (1, 1)
        assert len(published(LearnerEnrolled)) == 1
        assert disagreements() == []

    def test_would_enrol_often_without_the_constraint(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        learner, course = make_person(), tracked_course()
        looking_first = enrolment._PLACE.replace("on conflict (user_id, course_id) do nothing", "").replace(
            "where course_id = %(course_id)s",
            "where course_id = %(course_id)s and not exists"
            " (select from enrollments_enrollment where user_id = %(user_id)s)",
        )
        with _without_the_constraint(), placing(monkeypatch, looking_first, 10):
            results = race(lambda _: enrol_as(learner, course), 10)
            assert kinds(results) == {EnrollmentSeen: 10}
            assert Enrollment.objects.count() == 10


class TestTheLastSeat:
    def seat_them(self, race: Any, monkeypatch: pytest.MonkeyPatch, statement: str) -> list[Any]:
        course, people = tracked_course(capacity=1), [make_person() for _ in range(20)]
        with placing(monkeypatch, statement, 20):
            return list(race(lambda number: enrol_as(people[number], course), 20))

    def test_goes_to_one(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        results = self.seat_them(race, monkeypatch, enrolment._PLACE)
        assert kinds(results) == {EnrollmentSeen: 1, SeatsExhausted: 19}
        assert (Enrollment.objects.count(), TrackedCourse.objects.get().taken) == (1, 1)
        assert disagreements() == []

    def test_would_go_to_several_if_it_were_looked_up_first(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert SEAT in enrolment._PLACE
        results = self.seat_them(race, monkeypatch, enrolment._PLACE.replace(SEAT, SEAT_AS_SEEN))
        assert kinds(results) == {EnrollmentSeen: 20}
        assert TrackedCourse.objects.get().taken == 20


class TestTwoTabs:
    def finish_both(self, race: Any, monkeypatch: pytest.MonkeyPatch, statement: str) -> tuple[list[Any], Any]:
        course = tracked_course(lessons=2)
        enrolled, lessons = enrol(make_person(), course), lesson_ids(course.id)
        with writing(monkeypatch, statement, 2):
            results = race(lambda number: complete_lesson(enrolled, lessons[number]), 2)
        return results, enrollments.get_enrollment(enrollment_id=enrolled.id)

    def test_finishing_the_last_two_lessons_complete_the_course_once(
        self, race: Any, published: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        results, enrolled = self.finish_both(race, monkeypatch, progress._WRITE)
        assert sorted(result.percent for result in results) == [50, 100]
        assert (enrolled.state, enrolled.percent) == (EnrollmentState.COMPLETED, 100)
        assert len(published(CourseCompleted)) == 1
        assert disagreements() == []

    def test_would_leave_it_unfinished_without_the_lock(self, race: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        unlocked = progress._WRITE.replace("for no key update of enrolled", "")
        assert unlocked != progress._WRITE
        _, enrolled = self.finish_both(race, monkeypatch, unlocked)
        assert enrolled.state == EnrollmentState.ACTIVE

    def test_finishing_the_same_lesson_tell_it_once(
        self, race: Any, published: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        course = tracked_course(lessons=1)
        enrolled, (lesson,) = enrol(make_person(), course), lesson_ids(course.id)
        with writing(monkeypatch, progress._WRITE, 10):
            results = race(lambda _: complete_lesson(enrolled, lesson), 10)
        assert Counter(result.is_newly_completed for result in results) == {True: 1, False: 9}
        assert {result.percent for result in results} == {100}
        assert (len(published(LessonCompleted)), len(published(CourseCompleted))) == (1, 1)
        assert disagreements() == []


class TestTheFirstLearners:
    def test_of_a_course_all_get_in(self, race: Any) -> None:
        course, people = make_course(lessons=2), [make_person() for _ in range(10)]
        results = race(lambda number: enrol_as(people[number], course), 10)
        assert kinds(results) == {EnrollmentSeen: 10}
        assert {result.required_lessons for result in results} == {2}
        assert disagreements() == []

    def test_of_a_course_is_one_when_they_are_one(self, race: Any) -> None:
        learner, course = make_person(), make_course()
        results = race(lambda _: enrol_as(learner, course), 10)
        assert kinds(results) == {EnrollmentSeen: 1, AlreadyEnrolled: 9}
        assert disagreements() == []


class TestEverythingAtOnce:
    def test_neither_waits_in_a_circle_nor_miscounts(self, race: Any) -> None:
        course = tracked_course(lessons=4, capacity=9)
        lessons, people = lesson_ids(course.id), [make_person() for _ in range(9)]
        taken = [enrol(person, course) for person in people]

        def live(number: int) -> None:
            for turn in range(6):
                complete_lesson(taken[number], lessons[(number + turn) % 3])
                if number % 3 == 0 and turn == 2:
                    actions.withdraw(enrollment_id=taken[number].id, by=people[number].id)
                    enrol(people[number], course)

        def teach(_: int) -> None:
            for _ in range(3):
                courses.add_lesson(module_id=module_ids(course.id)[0], title="More", by=course.author_id, now=NOON)
                actions.follow_outline(course_id=course.id)
                actions.recount_batch(course_id=course.id, now=NOON)

        results = race(lambda number: live(number) if number < 9 else teach(number), 10)
        assert results == [None] * 10
        while actions.recount_batch(course_id=course.id, now=NOON):
            pass
        assert disagreements() == []


@contextmanager
def _without_the_constraint() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("alter table enrollments_enrollment drop constraint enrollments_enrollment_once")
        try:
            yield
        finally:
            cursor.execute("delete from enrollments_enrollment")
            cursor.execute(
                "alter table enrollments_enrollment"
                " add constraint enrollments_enrollment_once unique (user_id, course_id)"
            )
