"""Following a course's outline: what counts, and counting its learners again.

Rows are locked in one order everywhere: enrolments by id, the tracked course, tracked lessons by id.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F

from apps.courses import api as courses
from apps.enrollments.events import CourseCompleted
from apps.enrollments.models import Enrollment, LessonProgress, TrackedCourse, TrackedLesson
from apps.enrollments.rules import is_complete, percent
from apps.enrollments.types import EnrollmentState
from learninghub.jobs import enqueue
from learninghub.outbox import publish_all

BATCH = 200
_RECOUNTED = ["state", "completed_at", "completed_lessons", "required_lessons", "required_version", "updated_at"]


def track(*, course_id: UUID) -> None:
    """Makes the tracked course where there is none, by an outline still to be followed; locks none that was there."""
    TrackedCourse.objects.bulk_create([TrackedCourse(course_id=course_id)], ignore_conflicts=True)


@transaction.atomic
def follow_outline(*, course_id: UUID) -> None:
    """Counts by the course's outline as it is now; where other lessons are required, has its learners counted again.

    Reads the outline under the tracked course's lock, so facts may come late, twice or out of order.
    """
    track(course_id=course_id)
    tracked = TrackedCourse.objects.select_for_update(no_key=True).get(pk=course_id)
    outline = courses.get_outline(course_id=course_id)
    if outline.version <= tracked.outline_version:
        return
    required = {lesson.id for lesson in outline.lessons if lesson.is_required}
    is_same = required == set(tracked.lessons.filter(is_required=True, is_removed=False).values_list("pk", flat=True))
    TrackedLesson.objects.bulk_create(
        [
            TrackedLesson(
                lesson_id=lesson.id,
                course=tracked,
                position=place,
                is_required=lesson.is_required,
                needs_quiz=lesson.needs_quiz,
            )
            for place, lesson in sorted(enumerate(outline.lessons), key=lambda placed: placed[1].id)
        ],
        update_conflicts=True,
        unique_fields=["lesson"],
        update_fields=["position", "is_required", "needs_quiz", "is_removed"],
    )
    kept = [lesson.id for lesson in outline.lessons]
    tracked.lessons.filter(is_removed=False).exclude(pk__in=kept).update(is_removed=True)
    tracked.outline_version = outline.version
    if not is_same:
        tracked.required_version = outline.version
        tracked.required_lessons = len(required)
        enqueue("enrollments.recount", course_id)
    tracked.save(update_fields=["outline_version", "required_version", "required_lessons"])


@transaction.atomic
def recount_batch(*, course_id: UUID, now: datetime) -> bool:
    """Counts again the next learners who are behind the outline; says whether more may be waiting."""
    behind = (
        Enrollment.objects.open()
        .filter(course_id=course_id, required_version__lt=F("course__required_version"))
        .order_by("id")
        .values_list("id", flat=True)[:BATCH]
    )
    enrollment_ids = list(behind)
    recount(course_id=course_id, enrollment_ids=enrollment_ids, now=now)
    return len(enrollment_ids) == BATCH


def recount(*, course_id: UUID, enrollment_ids: Sequence[UUID], now: datetime) -> None:
    """Counts the open enrolments of one course from their rows, in the caller's transaction.

    Whoever has every lesson that is still required completes the course; who had completed it before stays so.
    """
    enrollments = list(
        Enrollment.objects.open()
        .select_for_update(no_key=True)
        .filter(id__in=enrollment_ids, course_id=course_id)
        .order_by("id")
    )
    tracked = TrackedCourse.objects.select_for_update(no_key=True).get(pk=course_id)
    unfinished = [enrollment for enrollment in enrollments if enrollment.state == EnrollmentState.ACTIVE]
    percent_before = sum(enrollment.percent for enrollment in unfinished)
    done = _count_required(unfinished)
    for enrollment in unfinished:
        enrollment.required_lessons = tracked.required_lessons
        enrollment.completed_lessons = done.get(enrollment.id, 0)
        if is_complete(done=enrollment.completed_lessons, required=enrollment.required_lessons):
            enrollment.state = EnrollmentState.COMPLETED
            enrollment.completed_at = now
    for enrollment in enrollments:
        enrollment.required_version = tracked.required_version
        enrollment.updated_at = now
    Enrollment.objects.bulk_update(enrollments, _RECOUNTED)
    finished = [enrollment for enrollment in unfinished if enrollment.completed_at is not None]
    percent_after = sum(
        percent(done=enrollment.completed_lessons, total=enrollment.required_lessons) for enrollment in unfinished
    )
    tracked.percent_sum += percent_after - percent_before
    tracked.completed += len(finished)
    tracked.save(update_fields=["percent_sum", "completed"])
    publish_all(
        [
            CourseCompleted(enrollment_id=each.id, user_id=each.user_id, course_id=course_id, completed_at=now)
            for each in finished
        ]
    )


def _count_required(enrollments: Sequence[Enrollment]) -> dict[UUID, int]:
    counts = (
        LessonProgress.objects.filter(
            enrollment__in=enrollments,
            completed_at__isnull=False,
            lesson__is_required=True,
            lesson__is_removed=False,
        )
        .order_by("enrollment")
        .values_list("enrollment")
        .annotate(done=Count("id"))
    )
    return dict(counts)
