"""What other apps may count on."""

from datetime import timedelta
from uuid import UUID

import pytest

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound
from apps.enrollments import api as enrollments
from apps.enrollments.errors import CourseNotOpen, CourseNotPaid, EnrollmentNotFound, SeatsExhausted
from apps.enrollments.events import LearnerEnrolled
from apps.enrollments.models import Enrollment, LessonProgress, TrackedCourse
from apps.enrollments.types import EnrollmentState, Source
from tests.support.courses import lesson_ids, make_course
from tests.support.enrollments import NOON, complete_course, enrol
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
NOWHERE = UUID(int=7)


class TestEnrol:
    def test_gives_the_same_enrolment_twice_and_tells_it_once(self, published) -> None:
        learner, course = make_person(), make_course()
        first = enrol(learner, course)
        assert enrol(learner, course, now=NOON + timedelta(days=1)) == first
        assert len(published(LearnerEnrolled)) == 1
        assert TrackedCourse.objects.get().taken == 1

    @pytest.mark.parametrize("source", [Source.PURCHASE, Source.GRANT])
    def test_takes_who_paid_or_was_given_the_course(self, source: Source) -> None:
        learner, course = make_person(), make_course(price_amount=4900)
        assert enrol(learner, course, source=source).source == source

    def test_takes_nobody_into_a_paid_course_for_free(self) -> None:
        with pytest.raises(CourseNotPaid):
            enrol(make_person(), make_course(price_amount=1))
        assert not Enrollment.objects.exists()

    def test_still_knows_its_own_when_the_course_is_closed(self) -> None:
        learner, course = make_person(), make_course()
        enrolled = enrol(learner, course)
        courses.archive_course(course_id=course.id, by=course.author_id, now=NOON)
        assert enrol(learner, course) == enrolled
        with pytest.raises(CourseNotOpen):
            enrol(make_person(), course)

    def test_keeps_to_the_capacity_as_it_is_now(self) -> None:
        course = make_course(capacity=2)
        enrol(make_person(), course)
        courses.edit_course(course_id=course.id, by=course.author_id, now=NOON, capacity=1)
        with pytest.raises(SeatsExhausted):
            enrol(make_person(), course)
        courses.edit_course(course_id=course.id, by=course.author_id, now=NOON, capacity=None)
        enrol(make_person(), course)
        assert TrackedCourse.objects.get().taken == Enrollment.objects.count() == 2

    def test_finds_no_draft(self) -> None:
        with pytest.raises(CourseNotFound):
            enrol(make_person(), make_course(published=False))


class TestAccess:
    def test_lasts_through_completion_and_ends_with_withdrawal(self) -> None:
        learner = make_person()
        begun, done, left, other = (make_course(lessons=1) for _ in range(4))
        enrol(learner, begun)
        complete_course(enrol(learner, done))
        enrolled = enrol(learner, left)
        Enrollment.objects.filter(id=enrolled.id).update(state=EnrollmentState.WITHDRAWN)
        asked = [course.id for course in (begun, done, left, other)]
        assert enrollments.has_access_many(user_id=learner.id, course_ids=asked) == {begun.id, done.id}
        assert [enrollments.has_access(user_id=learner.id, course_id=each) for each in asked] == [
            True,
            True,
            False,
            False,
        ]


class TestLookups:
    def test_give_one_or_many(self) -> None:
        course, one, other = make_course(), make_person(), make_person()
        first, second = enrol(one, course), enrol(other, course)
        assert enrollments.get_enrollment(enrollment_id=first.id) == first
        assert enrollments.get_enrollments(ids=[first.id, second.id, NOWHERE]) == {
            first.id: first,
            second.id: second,
        }
        assert enrollments.find_enrollment(user_id=one.id, course_id=course.id) == first
        assert enrollments.find_enrollment(user_id=one.id, course_id=NOWHERE) is None
        with pytest.raises(EnrollmentNotFound):
            enrollments.get_enrollment(enrollment_id=NOWHERE)

    def test_list_the_learners_in_the_order_of_the_roster(self) -> None:
        course = make_course()
        people = {name: make_person(display_name=name) for name in ["Zoë", "Ágnes", "bob"]}
        for person in people.values():
            enrol(person, course)
        enrol(make_person(), make_course())
        listed = enrollments.list_learner_ids(course_id=course.id)
        assert listed == [people[name].id for name in ["Ágnes", "bob", "Zoë"]]


class TestRecordQuizResult:
    def test_is_without_effect_for_who_is_not_enrolled(self) -> None:
        course = make_course(lessons=1)
        (lesson,) = lesson_ids(course.id)
        enrollments.record_quiz_result(
            user_id=make_person().id, lesson_id=lesson, course_id=course.id, passed=True, now=NOON
        )
        assert not LessonProgress.objects.exists()

    def test_keeps_the_first_pass(self) -> None:
        learner, course = make_person(), make_course(lessons=1)
        enrol(learner, course)
        (lesson,) = lesson_ids(course.id)
        for day, passed in enumerate([False, True, False, True]):
            enrollments.record_quiz_result(
                user_id=learner.id,
                lesson_id=lesson,
                course_id=course.id,
                passed=passed,
                now=NOON + timedelta(days=day),
            )
        assert LessonProgress.objects.get().quiz_passed_at == NOON + timedelta(days=1)
