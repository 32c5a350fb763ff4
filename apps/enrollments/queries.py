"""The reads of enrollments."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, FilteredRelation, Q

from apps.courses import api as courses
from apps.courses.types import CourseCard, CourseState, OutlineLesson, OutlineModule
from apps.enrollments.errors import EnrollmentNotFound
from apps.enrollments.models import Enrollment as EnrollmentRow
from apps.enrollments.models import TrackedCourse, TrackedLesson
from apps.enrollments.rules import percent, resume_point, sort_key
from apps.enrollments.types import (
    CourseFigures,
    Enrollment,
    EnrollmentState,
    LessonFigures,
    LessonMark,
    ResumePoint,
    RosterSort,
    Source,
)
from learninghub.db import Figures, per_day
from learninghub.http.pagination import Page, PageRequest, paginate

_ROSTER_ORDERS = {
    RosterSort.NAME: ["learner_key", "id"],
    RosterSort.NEWEST: ["-enrolled_at", "-id"],
}

# What others took together with my courses. Both ends are bounded, so that a course with a hundred thousand learners
# costs what one with two hundred does: my fifty newest courses, the two hundred newest learners of each.
_TOGETHER = """
with mine as (
    select course_id from enrollments_enrollment where user_id = %(user_id)s order by enrolled_at desc, id desc limit 50
), peers as (
    select distinct peer.user_id
      from mine cross join lateral (
        select user_id from enrollments_enrollment
         where course_id = mine.course_id and user_id <> %(user_id)s and state in ('active', 'completed')
         order by enrolled_at desc, id desc limit 200
      ) peer
), together as (
    select taken.course_id, count(*) as learners
      from peers join enrollments_enrollment taken using (user_id)
     where taken.state in ('active', 'completed')
     group by taken.course_id
), popular as (
    select course_id from enrollments_trackedcourse order by taken desc, course_id limit 100
)
select coalesce(together.course_id, popular.course_id), coalesce(together.learners, 0)
  from together full join popular using (course_id)
  left join enrollments_trackedcourse tracked
    on tracked.course_id = coalesce(together.course_id, popular.course_id)
 where coalesce(together.course_id, popular.course_id) not in
       (select course_id from enrollments_enrollment where user_id = %(user_id)s)
 order by 2 desc, tracked.taken desc, 1
 limit %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Enrollment):
    """An enrolment as its learner sees it, with the course's card."""

    course: CourseCard
    last_active_at: datetime | None
    resume: ResumePoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonStep:
    """A lesson of the outline and how far the learner is with it."""

    lesson: OutlineLesson
    mark: LessonMark


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSteps:
    """A module of the outline, with its steps in order."""

    module: OutlineModule
    steps: tuple[LessonStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The whole course as its learner stands in it."""

    enrollment: Enrollment
    modules: tuple[ModuleSteps, ...]
    resume: ResumePoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A course to take next; `together` counts who took it besides one of the learner's."""

    course: CourseCard
    together: int


def as_enrollment(row: EnrollmentRow) -> Enrollment:
    """The row as it passes the door."""
    return Enrollment(**_fields(row))


def has_access(*, user_id: UUID, course_id: UUID) -> bool:
    """Whether the learner may take the course now."""
    return EnrollmentRow.objects.open().of(user_id).filter(course_id=course_id).exists()


def list_accessible(*, user_id: UUID, course_ids: Collection[UUID]) -> set[UUID]:
    """Those of the courses that the learner may take now."""
    rows = EnrollmentRow.objects.open().of(user_id).filter(course_id__in=course_ids)
    return set(rows.order_by("course_id").values_list("course_id", flat=True))


def find_own(*, user_id: UUID, course_id: UUID) -> Enrollment | None:
    """The learner's enrolment in the course, whatever its state."""
    row = EnrollmentRow.objects.of(user_id).filter(course_id=course_id).first()
    return as_enrollment(row) if row else None


def get_own(*, user_id: UUID, course_id: UUID) -> Enrollment:
    """As `find_own`; raises EnrollmentNotFound."""
    found = find_own(user_id=user_id, course_id=course_id)
    if found is None:
        raise EnrollmentNotFound
    return found


def list_by_id(*, ids: Collection[UUID]) -> dict[UUID, Enrollment]:
    """The enrolments that exist, by id."""
    rows = EnrollmentRow.objects.filter(id__in=ids).order_by("id")
    return {row.id: as_enrollment(row) for row in rows}


def list_learner_ids(*, course_id: UUID) -> list[UUID]:
    """Who may take the course now, in the order of its roster."""
    rows = EnrollmentRow.objects.open().filter(course_id=course_id).order_by("learner_key", "id")
    return list(rows.values_list("user_id", flat=True))


def list_for_learner(*, user_id: UUID, state: EnrollmentState | None, page: PageRequest) -> Page[Taken]:
    """The learner's enrolments, newest first."""
    rows = EnrollmentRow.objects.of(user_id)
    found = paginate(rows.filter(state=state) if state else rows, order_by=["-enrolled_at", "-id"], page=page)
    cards = courses.get_cards(ids=[row.course_id for row in found.results])
    return replace(found, results=[_taken(row, cards[row.course_id]) for row in found.results])


def get_for_learner(*, enrollment_id: UUID, user_id: UUID) -> Taken:
    """The learner's own enrolment and where it goes on; raises EnrollmentNotFound, also for someone else's."""
    row = _get_row(enrollment_id, user_id)
    resume = resume_point(list(_marks(row).values()), last_lesson_id=row.last_lesson_id)
    return _taken(row, courses.get_card(course_id=row.course_id), resume)


def get_progress(*, enrollment_id: UUID, user_id: UUID) -> Progress:
    """How far the learner is with each lesson of the course; raises EnrollmentNotFound, also for someone else's."""
    row = _get_row(enrollment_id, user_id)
    marks = _marks(row)
    outline = courses.get_outline(course_id=row.course_id)
    return Progress(
        enrollment=as_enrollment(row),
        modules=tuple(
            ModuleSteps(
                module=module,
                steps=tuple(
                    LessonStep(lesson=lesson, mark=marks.get(lesson.id) or _untouched(lesson))
                    for lesson in module.lessons
                ),
            )
            for module in outline.modules
        ),
        resume=resume_point(list(marks.values()), last_lesson_id=row.last_lesson_id),
    )


def list_roster(*, course_id: UUID, search: str, sort: RosterSort, page: PageRequest) -> Page[EnrollmentRow]:
    """Who takes or took the course, found by any part of the name, whatever its case and accents."""
    rows = EnrollmentRow.objects.filter(course_id=course_id)
    if search:
        rows = rows.filter(learner_key__contains=sort_key(search))
    return paginate(rows, order_by=_ROSTER_ORDERS[sort], page=page)


def get_figures(*, course_id: UUID) -> CourseFigures:
    """The course in numbers, from its rollups; zeros while nobody has come."""
    tracked = TrackedCourse.objects.filter(pk=course_id).first() or TrackedCourse(course_id=course_id)
    lessons = TrackedLesson.objects.filter(course_id=course_id, is_removed=False).order_by("position", "pk")
    return CourseFigures(
        course_id=course_id,
        enrolled=tracked.taken,
        active=tracked.taken - tracked.completed,
        completed=tracked.completed,
        average_percent=tracked.percent_sum // tracked.taken if tracked.taken else 0,
        lessons=tuple(
            LessonFigures(
                lesson_id=lesson.lesson_id,
                completed=lesson.completions,
                percent=percent(done=lesson.completions, total=tracked.taken),
            )
            for lesson in lessons
        ),
    )


def list_recommended(*, user_id: UUID, limit: int) -> list[Recommendation]:
    """Published courses the learner has never had: what others took besides theirs first, then the popular ones."""
    with connection.cursor() as cursor:
        # Some may no longer be in the catalogue; ask for enough to fill the answer all the same.
        cursor.execute(_TOGETHER, {"user_id": user_id, "limit": limit * 3})
        found: list[tuple[UUID, int]] = cursor.fetchall()
    cards = courses.get_cards(ids=[course_id for course_id, _ in found])
    shown = [
        Recommendation(course=cards[course_id], together=together)
        for course_id, together in found
        if course_id in cards and cards[course_id].state == CourseState.PUBLISHED
    ]
    return shown[:limit]


def _fields(row: EnrollmentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "course_id": row.course_id,
        "state": EnrollmentState(row.state),
        "source": Source(row.source),
        "enrolled_at": row.enrolled_at,
        "completed_at": row.completed_at,
        "percent": row.percent,
        "completed_lessons": row.completed_lessons,
        "required_lessons": row.required_lessons,
    }


def _taken(row: EnrollmentRow, card: CourseCard, resume: ResumePoint | None = None) -> Taken:
    return Taken(**_fields(row), course=card, last_active_at=row.last_active_at, resume=resume)


def _get_row(enrollment_id: UUID, user_id: UUID) -> EnrollmentRow:
    row = EnrollmentRow.objects.of(user_id).filter(id=enrollment_id).first()
    if row is None:
        raise EnrollmentNotFound
    return row


def _marks(row: EnrollmentRow) -> dict[UUID, LessonMark]:
    """By lesson, in the order of the course."""
    lessons = (
        TrackedLesson.objects.filter(course_id=row.course_id, is_removed=False)
        .annotate(own=FilteredRelation("progress", condition=Q(progress__enrollment=row.id)))
        .annotate(
            position_seconds=F("own__position_seconds"),
            done_at=F("own__completed_at"),
            passed_at=F("own__quiz_passed_at"),
        )
        .order_by("position", "pk")
    )
    return {
        lesson.lesson_id: LessonMark(
            lesson_id=lesson.lesson_id,
            is_required=lesson.is_required,
            needs_quiz=lesson.needs_quiz,
            is_quiz_passed=lesson.passed_at is not None,
            position_seconds=lesson.position_seconds or 0,
            completed_at=lesson.done_at,
        )
        for lesson in lessons
    }


def _untouched(lesson: OutlineLesson) -> LessonMark:
    """The mark of a lesson so new that the news of it is still on its way."""
    return LessonMark(
        lesson_id=lesson.id,
        is_required=lesson.is_required,
        needs_quiz=lesson.needs_quiz,
        is_quiz_passed=False,
        position_seconds=0,
        completed_at=None,
    )


def figures(*, first: date, last: date) -> Figures:
    """The enrolments and completions of each day; who comes back to a course is not counted anew."""
    rows = EnrollmentRow.objects.all()
    return {
        "enrolments": per_day(rows, first=first, last=last),
        "completions": per_day(rows, first=first, last=last, by="completed_at"),
    }
