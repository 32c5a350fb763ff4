"""Learners in courses, for tests: through the door."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.courses import api as courses
from apps.courses.types import CourseCard
from apps.enrollments import api as enrollments
from apps.enrollments.events import CourseCompleted
from apps.enrollments.models import Enrollment, LessonProgress, TrackedCourse, TrackedLesson
from apps.enrollments.types import Enrollment as EnrollmentSeen
from apps.enrollments.types import EnrollmentState, LessonWritten, Source
from apps.users import api as users
from apps.users.types import Person
from tests.support.facts import published

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def teacher_of(course: CourseCard) -> Person:
    """The author of the course."""
    return users.get_person(user_id=course.author_id)


def enrol(person: Any, course: Any, *, source: Source = Source.FREE, now: datetime = NOON) -> EnrollmentSeen:
    """The person takes the course; both are known by their `id`."""
    return enrollments.enrol(user_id=person.id, course_id=course.id, source=source, now=now)


def complete_lesson(enrollment: EnrollmentSeen, lesson_id: UUID, *, now: datetime = NOON) -> LessonWritten:
    """The learner completes one lesson."""
    return enrollments.record_progress(
        enrollment_id=enrollment.id, lesson_id=lesson_id, by=enrollment.user_id, completed=True, now=now
    )


def complete_course(enrollment: EnrollmentSeen, *, now: datetime = NOON) -> EnrollmentSeen:
    """The learner completes every lesson of the course, and passes what quizzes it asks for."""
    for lesson in courses.get_outline(course_id=enrollment.course_id).lessons:
        if lesson.needs_quiz:
            enrollments.record_quiz_result(
                user_id=enrollment.user_id,
                lesson_id=lesson.id,
                course_id=enrollment.course_id,
                passed=True,
                now=now,
            )
        complete_lesson(enrollment, lesson.id, now=now)
    return enrollments.get_enrollment(enrollment_id=enrollment.id)


def disagreements() -> list[str]:
    """Where a count or rollup is not what the rows say (invariants E1, P1 and P2); empty when all is well."""
    found = []
    for course in TrackedCourse.objects.order_by("pk"):
        taken = list(Enrollment.objects.open().filter(course=course))
        rows = (len(taken), sum(each.completed_at is not None for each in taken), sum(each.percent for each in taken))
        if rows != (course.taken, course.completed, course.percent_sum):
            found.append(f"{course.pk}: {rows}")
        if course.holds.count() != course.held:
            found.append(f"{course.pk}: {course.holds.count()} held")
        for lesson in course.lessons.order_by("pk"):
            done = LessonProgress.objects.filter(lesson=lesson, enrollment__in=taken, completed_at__isnull=False)
            if done.count() != lesson.completions:
                found.append(f"{lesson.pk}: {done.count()} completions")
    for enrollment in Enrollment.objects.filter(state=EnrollmentState.ACTIVE).order_by("pk"):
        required = TrackedLesson.objects.filter(course_id=enrollment.course_id, is_required=True, is_removed=False)
        done = LessonProgress.objects.filter(enrollment=enrollment, lesson__in=required, completed_at__isnull=False)
        if (done.count(), required.count()) != (enrollment.completed_lessons, enrollment.required_lessons):
            found.append(f"{enrollment.pk}: {done.count()} of {required.count()}")
    told = Counter(fact.enrollment_id for fact in published(CourseCompleted))
    finished = Enrollment.objects.filter(completed_at__isnull=False).values_list("pk", flat=True)
    if told != Counter(finished):
        found.append(f"completions told: {told}")
    return found
