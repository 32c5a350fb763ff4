"""What enrollments makes of facts: twice, late, or in any order, and of outlines that change under its learners."""

from typing import Any
from uuid import UUID

import pytest

from apps.courses import api as courses
from apps.courses.events import OutlineChanged
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments import handlers
from apps.enrollments.events import CourseCompleted
from apps.enrollments.models import Enrollment, TrackedCourse, TrackedLesson
from apps.enrollments.types import EnrollmentState
from apps.users.events import ProfileChanged
from apps.users.models import User
from learninghub.outbox.models import OutboxMessage
from tests.support.courses import lesson_ids, make_course, module_ids
from tests.support.enrollments import NOON, complete_course, complete_lesson, enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def add_lesson(course: CourseCard, *, is_required: bool = True) -> UUID:
    return courses.add_lesson(
        module_id=module_ids(course.id)[-1],
        title="Later",
        is_required=is_required,
        by=course.author_id,
        now=NOON,
    )


def remove_lesson(course: CourseCard, lesson_id: UUID) -> None:
    courses.remove_lesson(lesson_id=lesson_id, by=course.author_id, now=NOON)


def state_of(enrollment_id: UUID) -> tuple[str, int, int, int]:
    found = enrollments.get_enrollment(enrollment_id=enrollment_id)
    return found.state, found.percent, found.completed_lessons, found.required_lessons


class TestALessonAddedLater:
    def test_counts_for_who_is_still_learning(self, deliver_all: Any) -> None:
        course = make_course(lessons=2)
        enrolled = enrol(make_person(), course)
        complete_lesson(enrolled, lesson_ids(course.id)[0])
        add_lesson(course)
        deliver_all()
        assert state_of(enrolled.id) == (EnrollmentState.ACTIVE, 33, 1, 3)
        assert TrackedCourse.objects.get().percent_sum == 33

    def test_takes_no_completion_back_and_never_makes_more_than_100(self, deliver_all: Any, published: Any) -> None:
        course = make_course(lessons=2)
        done = complete_course(enrol(make_person(), course))
        later = add_lesson(course)
        deliver_all()
        assert enrollments.get_enrollment(enrollment_id=done.id) == done
        written = complete_lesson(done, later)
        assert (written.percent, written.is_newly_completed, written.is_course_finished) == (100, True, False)
        assert enrollments.get_enrollment(enrollment_id=done.id) == done
        assert len(published(CourseCompleted)) == 1

    def test_can_be_taken_before_the_news_of_it_has_come(self, published: Any) -> None:
        course = make_course(lessons=1)
        enrolled = enrol(make_person(), course)
        later = add_lesson(course)
        written = complete_lesson(enrolled, later)
        assert (written.percent, written.required_lessons, written.is_course_finished) == (50, 2, False)
        assert complete_lesson(enrolled, lesson_ids(course.id)[0]).is_course_finished
        assert len(published(CourseCompleted)) == 1

    def test_is_not_overlooked_by_a_write_between_the_news_and_the_count(self, published: Any) -> None:
        course = make_course(lessons=1)
        enrolled = enrol(make_person(), course)
        add_lesson(course)
        handlers.follow_the_outline(OutlineChanged(course_id=course.id, version=99))
        written = complete_lesson(enrolled, lesson_ids(course.id)[0])
        assert (written.percent, written.is_course_finished) == (50, False)
        assert published(CourseCompleted) == []

    def test_asks_nothing_when_it_is_optional(self, deliver_all: Any) -> None:
        course = make_course(lessons=1)
        enrolled = enrol(make_person(), course)
        add_lesson(course, is_required=False)
        deliver_all()
        assert state_of(enrolled.id) == (EnrollmentState.ACTIVE, 0, 0, 1)


class TestALessonTakenOut:
    def test_completes_whoever_has_all_the_others_once(self, deliver_all: Any, published: Any) -> None:
        course = make_course(lessons=3)
        first, second, third = lesson_ids(course.id)
        nearly, begun = enrol(make_person(), course), enrol(make_person(), course)
        for lesson in (first, second):
            complete_lesson(nearly, lesson)
        complete_lesson(begun, first)
        remove_lesson(course, third)
        deliver_all()
        assert state_of(nearly.id) == (EnrollmentState.COMPLETED, 100, 2, 2)
        assert state_of(begun.id) == (EnrollmentState.ACTIVE, 50, 1, 2)
        assert [fact.enrollment_id for fact in published(CourseCompleted)] == [nearly.id]
        tracked = TrackedCourse.objects.get()
        assert (tracked.taken, tracked.completed, tracked.percent_sum) == (2, 1, 150)

    def test_no_longer_counts_though_it_was_done(self, deliver_all: Any) -> None:
        course = make_course(lessons=3)
        first, *_ = lesson_ids(course.id)
        enrolled = enrol(make_person(), course)
        complete_lesson(enrolled, first)
        remove_lesson(course, first)
        deliver_all()
        assert state_of(enrolled.id) == (EnrollmentState.ACTIVE, 0, 0, 2)

    def test_cannot_be_completed_any_more(self, deliver_all: Any, as_user: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, _) = enrol(learner, course), lesson_ids(course.id)
        remove_lesson(course, first)
        deliver_all()
        answer = as_user(learner).put(f"enrollments/{enrolled.id}/lessons/{first}/", json={"completed": True})
        assert (answer.status, answer.json["code"]) == (404, "lesson_not_in_course")

    def test_completes_nobody_when_nothing_required_is_left(self, deliver_all: Any, published: Any) -> None:
        course = make_course(lessons=1)
        enrolled, (only,) = enrol(make_person(), course), lesson_ids(course.id)
        add_lesson(course, is_required=False)
        remove_lesson(course, only)
        deliver_all()
        assert state_of(enrolled.id) == (EnrollmentState.ACTIVE, 0, 0, 0)
        assert published(CourseCompleted) == []

    def test_completes_who_comes_back(self, as_user: Any, deliver_all: Any, published: Any) -> None:
        learner, course = make_person(), make_course(lessons=2)
        enrolled, (first, second) = enrol(learner, course), lesson_ids(course.id)
        complete_lesson(enrolled, first)
        as_user(learner).post(f"enrollments/{enrolled.id}/withdraw/")
        remove_lesson(course, second)
        deliver_all()
        assert published(CourseCompleted) == []
        back = as_user(learner).post("enrollments/", json={"course_id": str(course.id)}).json
        assert (back["state"], back["percent"]) == ("completed", 100)
        assert len(published(CourseCompleted)) == 1


class TestOutlineChanged:
    def test_is_harmless_twice_late_and_out_of_order(self, deliver_all: Any) -> None:
        course = make_course(lessons=2)
        enrolled = enrol(make_person(), course)
        add_lesson(course)
        versions = [fact.version for fact in _outlines(course)]
        for version in [*reversed(versions), *versions, 1]:
            handlers.follow_the_outline(OutlineChanged(course_id=course.id, version=version))
        deliver_all()
        assert state_of(enrolled.id) == (EnrollmentState.ACTIVE, 0, 0, 3)
        tracked = TrackedLesson.objects.filter(is_removed=False).order_by("position")
        assert [lesson.pk for lesson in tracked] == lesson_ids(course.id)

    def test_counts_nobody_again_for_another_title_or_order(self, deliver_all: Any) -> None:
        course = make_course(lessons=2)
        enrol(make_person(), course)
        deliver_all()
        before = Enrollment.objects.values().get()
        first, second = lesson_ids(course.id)
        courses.edit_lesson(lesson_id=first, title="Renamed", by=course.author_id, now=NOON)
        (module,) = module_ids(course.id)
        courses.reorder(course_id=course.id, modules=[(module, [second, first])], by=course.author_id, now=NOON)
        deliver_all()
        assert not OutboxMessage.objects.filter(name="enrollments.recount", published_at__isnull=True).exists()
        assert Enrollment.objects.values().get() == before
        tracked = TrackedLesson.objects.order_by("position")
        assert [lesson.pk for lesson in tracked] == [second, first]


class TestProfileChanged:
    def test_renames_the_learner_on_every_roster_whatever_the_order(self, deliver_all: Any) -> None:
        learner = make_person(display_name="Ann")
        for course in (make_course(), make_course()):
            enrol(learner, course)
        enrol(make_person(display_name="Bea"), make_course())
        User.objects.filter(id=learner.id).update(display_name="Änne")
        for name in ("Änne", "Ann"):
            handlers.rename_the_learner(ProfileChanged(user_id=learner.id, display_name=name, avatar_id=None))
        named = Enrollment.objects.order_by("learner_key").values_list("learner_name", "learner_key")
        assert list(named) == [("Änne", "anne"), ("Änne", "anne"), ("Bea", "bea")]


def _outlines(course: CourseCard) -> list[OutlineChanged]:
    rows = OutboxMessage.objects.filter(name="courses.outline_changed.v1", aggregate_id=str(course.id))
    return [OutlineChanged(course_id=course.id, version=row.payload["version"]) for row in rows.order_by("id")]
