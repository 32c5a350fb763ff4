"""Working through lessons: the hot write, and what a passed quiz opens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.courses import api as courses
from apps.enrollments.actions.outline import follow_outline, recount
from apps.enrollments.errors import EnrollmentEnded, EnrollmentNotFound, LessonNotInCourse, QuizNotPassed
from apps.enrollments.events import CourseCompleted, LessonCompleted
from apps.enrollments.models import OPEN_STATES, Enrollment, TrackedLesson
from apps.enrollments.types import EnrollmentState, LessonWritten
from learninghub.db import prepared_cursor, uuid7
from learninghub.outbox import publish_all

# One statement for the upsert, the count, the completion and the rollups. The enrolment's row lock comes first and its
# counts are read from the locked row, so two tabs finishing the last two lessons count each other (a count over the
# progress rows would see only the statement's own snapshot). The new values come from the locked row too: check
# constraints are first tried on the row as the snapshot has it. An enrolment that is behind its course's outline finds
# no target here and is counted again from its rows before it may go on. Later steps hang on earlier ones, which keeps
# the order of locks: enrolment, course, lesson.
_WRITE = """
with target as (
    select enrolled.id, enrolled.course_id, enrolled.state, enrolled.percent, enrolled.completed_lessons,
           enrolled.required_lessons, enrolled.completed_at, lesson.lesson_id, lesson.is_required, lesson.needs_quiz
      from enrollments_enrollment enrolled
      join enrollments_trackedlesson lesson
        on lesson.course_id = enrolled.course_id and lesson.lesson_id = %(lesson_id)s and not lesson.is_removed
      join enrollments_trackedcourse course
        on course.course_id = enrolled.course_id and course.required_version = enrolled.required_version
     where enrolled.id = %(enrollment_id)s and enrolled.user_id = %(user_id)s
       and enrolled.state in ('active', 'completed')
       for no key update of enrolled
), written as (
    insert into enrollments_lessonprogress as kept
        (id, enrollment_id, lesson_id, position_seconds, completed_at, completion_id, updated_at)
    select %(write_id)s, target.id, target.lesson_id, coalesce(%(position)s::integer, 0),
           case when %(completed)s::boolean then %(now)s::timestamptz end,
           case when %(completed)s::boolean then %(write_id)s::uuid end,
           %(now)s
      from target
     where not %(completed)s::boolean or not target.needs_quiz
        or exists (select from enrollments_lessonprogress passed
                    where passed.enrollment_id = target.id and passed.lesson_id = target.lesson_id
                      and (passed.quiz_passed_at is not null or passed.completed_at is not null))
    on conflict (enrollment_id, lesson_id) do update
       set position_seconds = coalesce(%(position)s::integer, kept.position_seconds),
           completed_at = coalesce(kept.completed_at, excluded.completed_at),
           completion_id = coalesce(kept.completion_id, excluded.completion_id),
           updated_at = excluded.updated_at
    returning kept.lesson_id, kept.position_seconds, kept.completed_at,
              kept.completion_id is not distinct from %(write_id)s::uuid as is_new
), step as (
    select target.*, written.position_seconds, written.completed_at as lesson_completed_at, written.is_new,
           target.state = 'active' and written.is_new and target.is_required as is_gain,
           target.state = 'active' and written.is_new and target.is_required
               and target.completed_lessons + 1 = target.required_lessons as is_finish
      from target join written using (lesson_id)
), counted as (
    update enrollments_enrollment enrolled
       set completed_lessons = step.completed_lessons + step.is_gain::integer,
           required_lessons = step.required_lessons,
           state = case when step.is_finish then 'completed' else step.state end,
           completed_at = case when step.is_finish then %(now)s else step.completed_at end,
           last_lesson_id = step.lesson_id,
           last_active_at = %(now)s,
           updated_at = %(now)s
      from step
     where enrolled.id = step.id
    returning enrolled.course_id, enrolled.state, enrolled.percent, enrolled.completed_lessons,
              enrolled.required_lessons, step.lesson_id, step.position_seconds, step.lesson_completed_at, step.is_new,
              step.is_finish, enrolled.percent - step.percent as percent_gain
), course_rollup as (
    update enrollments_trackedcourse course
       set percent_sum = course.percent_sum + counted.percent_gain,
           completed = course.completed + counted.is_finish::integer
      from counted
     where counted.is_new and course.course_id = counted.course_id
    returning counted.lesson_id
), lesson_rollup as (
    update enrollments_trackedlesson lesson
       set completions = lesson.completions + 1
      from course_rollup
     where lesson.lesson_id = course_rollup.lesson_id
)
select target.course_id, counted.lesson_id is not null as is_written, counted.position_seconds,
       counted.lesson_completed_at, counted.state, counted.percent, counted.completed_lessons,
       counted.required_lessons, counted.is_new, counted.is_finish
  from target left join counted on true
"""

_NOTE_QUIZ = """
with target as (
    select enrolled.id, lesson.lesson_id
      from enrollments_enrollment enrolled
      join enrollments_trackedlesson lesson
        on lesson.course_id = enrolled.course_id and lesson.lesson_id = %(lesson_id)s
     where enrolled.user_id = %(user_id)s and enrolled.course_id = %(course_id)s
     limit 1
       for no key update of enrolled
)
insert into enrollments_lessonprogress as kept
    (id, enrollment_id, lesson_id, position_seconds, quiz_passed_at, updated_at)
select %(id)s, target.id, target.lesson_id, 0, %(now)s, %(now)s
  from target
on conflict (enrollment_id, lesson_id) do update
   set quiz_passed_at = coalesce(kept.quiz_passed_at, excluded.quiz_passed_at), updated_at = excluded.updated_at
"""

Values = dict[str, UUID | datetime | int | None]


@transaction.atomic
def record_progress(
    *,
    enrollment_id: UUID,
    lesson_id: UUID,
    by: UUID,
    completed: bool,
    position_seconds: int | None,
    now: datetime,
) -> LessonWritten:
    """Keeps how far the learner is with a lesson, and completes the course with its last required lesson.

    Harmless twice. A completion is never taken back: `completed=False` only keeps the position, None not even that.
    Locks the enrolment. Raises EnrollmentNotFound (also for someone else's), EnrollmentEnded, LessonNotInCourse,
    QuizNotPassed.
    """
    write: Values = {
        "write_id": uuid7(),
        "enrollment_id": enrollment_id,
        "lesson_id": lesson_id,
        "user_id": by,
        "completed": completed,
        "position": position_seconds,
        "now": now,
    }
    row = _write(write)
    if row is None:
        _catch_up(enrollment_id=enrollment_id, lesson_id=lesson_id, user_id=by, now=now)
        row = _write(write)
    if row is None:
        raise LessonNotInCourse
    if not row["is_written"]:
        raise QuizNotPassed
    written = LessonWritten(
        enrollment_id=enrollment_id,
        user_id=by,
        course_id=row["course_id"],
        lesson_id=lesson_id,
        position_seconds=row["position_seconds"],
        completed_at=row["lesson_completed_at"],
        state=EnrollmentState(row["state"]),
        percent=row["percent"],
        completed_lessons=row["completed_lessons"],
        required_lessons=row["required_lessons"],
        is_newly_completed=row["is_new"],
        is_course_finished=row["is_finish"],
    )
    _announce(written, now=now)
    return written


def record_quiz_result(*, user_id: UUID, course_id: UUID, lesson_id: UUID, passed: bool, now: datetime) -> None:
    """Keeps that the learner passed the lesson's quiz, in the caller's transaction; a later failure takes nothing back.

    Harmless twice, and without effect for who is not enrolled. Locks the enrolment.
    """
    if not passed:
        return
    note: Values = {"id": uuid7(), "user_id": user_id, "course_id": course_id, "lesson_id": lesson_id, "now": now}
    with transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute(_NOTE_QUIZ, note)
        if cursor.rowcount == 0 and not TrackedLesson.objects.filter(pk=lesson_id).exists():
            # The enrolment first, as everywhere: nobody shall wait for it who holds the tracked course.
            own = Enrollment.objects.select_for_update(no_key=True).of(user_id).filter(course_id=course_id)
            if own.first() is not None:
                follow_outline(course_id=course_id)
                cursor.execute(_NOTE_QUIZ, note)


def _write(write: Values) -> dict[str, Any] | None:
    with prepared_cursor() as cursor:
        cursor.execute(_WRITE, write)
        row = cursor.fetchone()
        return None if row is None else dict(zip((column.name for column in cursor.description), row, strict=True))


def _catch_up(*, enrollment_id: UUID, lesson_id: UUID, user_id: UUID, now: datetime) -> None:
    """Says why the write found no target, or counts the enrolment by the outline as it is now."""
    enrollment = Enrollment.objects.select_for_update(no_key=True).of(user_id).filter(id=enrollment_id).first()
    if enrollment is None:
        raise EnrollmentNotFound
    if enrollment.state not in OPEN_STATES:
        raise EnrollmentEnded
    lesson = courses.get_lesson(lesson_id=lesson_id)
    if lesson.course_id != enrollment.course_id or lesson.is_removed:
        raise LessonNotInCourse
    if not TrackedLesson.objects.filter(pk=lesson_id, is_removed=False).exists():
        follow_outline(course_id=enrollment.course_id)
    recount(course_id=enrollment.course_id, enrollment_ids=[enrollment_id], now=now)


def _announce(written: LessonWritten, *, now: datetime) -> None:
    about = {"enrollment_id": written.enrollment_id, "user_id": written.user_id, "course_id": written.course_id}
    facts: list[object] = []
    if written.is_newly_completed:
        facts.append(LessonCompleted(**about, lesson_id=written.lesson_id))
    if written.is_course_finished:
        facts.append(CourseCompleted(**about, completed_at=now))
    publish_all(facts)
