"""Coming first into a course that nobody has tracked yet, each with a control that locks as it is not done."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from apps.courses import api as courses
from apps.enrollments import actions
from apps.enrollments import api as enrollments
from apps.enrollments.actions import enrolment, outline, progress, seats
from apps.enrollments.errors import AlreadyEnrolled
from apps.enrollments.models import EnrollmentQuerySet, LessonProgress, SeatHold, TrackedCourse
from apps.enrollments.types import Enrollment as EnrollmentSeen
from apps.enrollments.types import LessonWritten, Source
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import NOON, complete_lesson, disagreements, enrol
from tests.support.meeting import begin
from tests.support.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


class Story:
    """What else happens between the first try of an action, which finds the course untracked, and its second."""

    def __init__(self, course_id: Any, rival: Callable[[], Any]) -> None:
        self.course_id, self.rival = course_id, rival
        self.tries = 0
        self.end: Callable[[], Any] | None = None

    def told_around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The statement, with the course tracked by others after its first try and the rival begun before its second.

        The rival's own tries are theirs alone.
        """

        def told(*given: Any, **named: Any) -> Any:
            self.tries += 1
            mine = self.tries
            if mine == 2:
                self.end = begin(self.rival)
            result = real(*given, **named)
            if mine == 1:
                assert begin(lambda: outline.follow_outline(course_id=self.course_id))() is None
            return result

        return told

    def run(self, call: Callable[[], Any]) -> list[Any]:
        """What became of the call, and of the rival."""
        try:
            result = call()
        except (AlreadyEnrolled, OperationalError) as error:
            result = error
        assert self.end is not None
        return [result, self.end()]


def kinds(results: list[Any]) -> Counter[type]:
    return Counter(type(result) for result in results)


class TestTheFirstLearnerTwice:
    @pytest.fixture
    def enrol_twice(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        learner, course = make_person(), make_course(lessons=2)

        def enrol_anew() -> EnrollmentSeen:
            return actions.enrol(user_id=learner.id, course_id=course.id, source=Source.FREE, now=NOON)

        story = Story(course.id, enrol_anew)
        monkeypatch.setattr(enrolment, "_place", story.told_around(enrolment._place))
        return lambda: story.run(enrol_anew)

    def test_is_enrolled_once(self, enrol_twice: Any) -> None:
        assert kinds(enrol_twice()) == {AlreadyEnrolled: 1, EnrollmentSeen: 1}
        assert (TrackedCourse.objects.get().taken, disagreements()) == (1, [])

    def test_would_wait_in_a_circle_if_the_outline_came_first(
        self, enrol_twice: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(enrolment, "track", outline.follow_outline)
        assert kinds(enrol_twice())[OperationalError] == 1


class TestTheFirstSeatTwice:
    @pytest.fixture
    def hold_twice(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        learner, course = make_person(), make_course(price_amount=1000, capacity=1)

        def hold() -> None:
            until = NOON + timedelta(hours=1)
            enrollments.hold_seat(user_id=learner.id, course_id=course.id, until=until, now=NOON)

        story = Story(course.id, hold)
        monkeypatch.setattr(seats, "_hold", story.told_around(seats._hold))
        return lambda: story.run(hold)

    def test_is_held_once(self, hold_twice: Any) -> None:
        assert hold_twice() == [None, None]
        assert (SeatHold.objects.count(), TrackedCourse.objects.get().held) == (1, 1)

    def test_would_wait_in_a_circle_if_the_outline_came_first(
        self, hold_twice: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(seats, "track", outline.follow_outline)
        assert kinds(hold_twice())[OperationalError] == 1


class TestAQuizPassedInAnUntrackedLesson:
    @pytest.fixture
    def course(self) -> Any:
        return make_course(lessons=1)

    @pytest.fixture
    def enrolled(self, course: Any) -> EnrollmentSeen:
        return enrol(make_person(), course)

    @pytest.fixture
    def lesson(self, course: Any, enrolled: EnrollmentSeen) -> Any:
        """Not required, so that nobody is counted anew for it."""
        return courses.add_lesson(
            module_id=module_ids(course.id)[0], title="New", by=course.author_id, now=NOON, is_required=False
        )

    def passes(self, enrolled: EnrollmentSeen, lesson: Any) -> None:
        about = {"user_id": enrolled.user_id, "course_id": enrolled.course_id, "lesson_id": lesson}
        enrollments.record_quiz_result(**about, passed=True, now=NOON)

    def test_is_noted(self, enrolled: EnrollmentSeen, lesson: Any) -> None:
        self.passes(enrolled, lesson)
        assert LessonProgress.objects.get(enrollment_id=enrolled.id, lesson_id=lesson).quiz_passed_at == NOON
        assert len(lesson_ids(enrolled.course_id)) == TrackedCourse.objects.get().lessons.count() == 2

    def test_says_nothing_of_who_is_not_enrolled(self, course: Any, enrolled: EnrollmentSeen, lesson: Any) -> None:
        about = {"user_id": make_person().id, "course_id": course.id, "lesson_id": lesson}
        enrollments.record_quiz_result(**about, passed=True, now=NOON)
        assert LessonProgress.objects.count() == 0
        assert TrackedCourse.objects.get().lessons.count() == 1

    @pytest.fixture
    def meet(self, enrolled: EnrollmentSeen, lesson: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Others follow the outline first; then the lesson is completed while its quiz is being noted."""
        ends: list[Callable[[], Any]] = []

        def follow(*, course_id: Any) -> None:
            assert begin(lambda: outline.follow_outline(course_id=course_id))() is None
            outline.follow_outline(course_id=course_id)
            ends.append(begin(lambda: complete_lesson(enrolled, lesson)))

        def passes() -> Any:
            try:
                return self.passes(enrolled, lesson)
            except OperationalError as error:
                return error

        monkeypatch.setattr(progress, "follow_outline", follow)
        return lambda: [passes(), *[end() for end in ends]]

    def test_and_completed_at_once_is_both(self, meet: Any) -> None:
        assert kinds(meet()) == {type(None): 1, LessonWritten: 1}
        kept = LessonProgress.objects.get()
        assert (kept.quiz_passed_at, kept.completed_at, disagreements()) == (NOON, NOON, [])

    def test_would_wait_in_a_circle_without_the_enrolments_lock(
        self, meet: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = "for no key update of enrolled"
        assert lock in progress._NOTE_QUIZ
        monkeypatch.setattr(progress, "_NOTE_QUIZ", progress._NOTE_QUIZ.replace(lock, ""))
        monkeypatch.setattr(EnrollmentQuerySet, "select_for_update", lambda rows, **_: rows)
        assert kinds(meet())[OperationalError] == 1
