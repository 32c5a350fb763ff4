"""Coming into a course and leaving it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from apps.courses import api as courses
from apps.courses.errors import CourseNotFound
from apps.courses.types import CourseCard, CourseState
from apps.enrollments import queries
from apps.enrollments.actions.outline import follow_outline, recount, track
from apps.enrollments.errors import (
    AccessTakenBack,
    AlreadyCompleted,
    AlreadyEnrolled,
    CourseNotOpen,
    CourseNotPaid,
    EnrollmentEnded,
    EnrollmentNotFound,
    SeatsExhausted,
)
from apps.enrollments.events import AccessRevoked, LearnerEnrolled
from apps.enrollments.models import OPEN_STATES, LessonProgress, SeatHold, TrackedCourse, TrackedLesson
from apps.enrollments.models import Enrollment as EnrollmentRow
from apps.enrollments.rules import sort_key
from apps.enrollments.types import Enrollment, EnrollmentState, Source, TakenBack
from apps.users import api as users
from learninghub.db import prepared_cursor, uuid7
from learninghub.outbox import publish

# The row first, then the seat (R35): the unique constraint stops a double click before it can take a second seat,
# and a seat that is not there takes the row back with the transaction. A seat held for the learner becomes theirs.
_PLACE = """
with placed as (
    insert into enrollments_enrollment
        (id, user_id, course_id, state, source, enrolled_at, required_version, required_lessons, completed_lessons,
         learner_name, learner_key, created_at, updated_at)
    select %(id)s, %(user_id)s, course_id, 'active', %(source)s, %(now)s, required_version, required_lessons, 0,
           %(learner_name)s, %(learner_key)s, %(now)s, %(now)s
      from enrollments_trackedcourse
     where course_id = %(course_id)s
    on conflict (user_id, course_id) do nothing
    returning id, course_id, required_lessons
), freed as (
    delete from enrollments_seathold hold
     using placed
     where hold.user_id = %(user_id)s and hold.course_id = placed.course_id
    returning hold.course_id
), seated as (
    update enrollments_trackedcourse tracked
       set taken = tracked.taken + 1, held = tracked.held - (select count(*) from freed)
      from placed
     where tracked.course_id = placed.course_id
       and (%(capacity)s::integer is null or tracked.taken + tracked.held < %(capacity)s::integer
            or exists (select from freed))
    returning tracked.course_id
)
select placed.required_lessons, seated.course_id is not null as is_seated
  from placed left join seated on true
"""


@transaction.atomic
def enrol(*, user_id: UUID, course_id: UUID, source: Source, now: datetime) -> Enrollment:
    """Gives the learner access to a published course and a seat in it, the one held for them if there is one.

    Who left before goes on where they were.
    Raises AlreadyEnrolled, SeatsExhausted, CourseNotOpen, CourseNotPaid (a free enrolment in a paid course),
    AccessTakenBack and the courses' CourseNotFound (also for a draft).
    """
    card = courses.get_card(course_id=course_id)
    check_open(card, user_id=user_id, source=source)
    learner = users.get_person(user_id=user_id).display_name
    enrollment = _place(card, user_id=user_id, learner=learner, source=source, now=now)
    if enrollment is None and not EnrollmentRow.objects.of(user_id).filter(course_id=course_id).exists():
        enrollment = _place_first(card, user_id=user_id, learner=learner, source=source, now=now)
    if enrollment is None:
        enrollment = _come_back(card, user_id=user_id, source=source, now=now)
    publish(LearnerEnrolled(enrollment_id=enrollment.id, user_id=user_id, course_id=course_id, source=source.value))
    return enrollment


def ensure_enrolled(*, user_id: UUID, course_id: UUID, source: Source, now: datetime) -> Enrollment:
    """Enrols the learner, or gives the enrolment they already have; harmless twice. Raises what `enrol` raises."""
    try:
        return enrol(user_id=user_id, course_id=course_id, source=source, now=now)
    except AlreadyEnrolled:
        return queries.get_own(user_id=user_id, course_id=course_id)


@transaction.atomic
def withdraw(*, enrollment_id: UUID, by: UUID) -> Enrollment:
    """Takes the learner out of the course and frees the seat; their progress waits for their return.

    Harmless twice. Raises EnrollmentNotFound (also for someone else's), AlreadyCompleted, EnrollmentEnded.
    """
    row = EnrollmentRow.objects.select_for_update(no_key=True).of(by).filter(id=enrollment_id).first()
    if row is None:
        raise EnrollmentNotFound
    if row.state == EnrollmentState.COMPLETED:
        raise AlreadyCompleted
    if row.state == EnrollmentState.REVOKED:
        raise EnrollmentEnded
    if row.state == EnrollmentState.ACTIVE:
        _end(row, EnrollmentState.WITHDRAWN, reason="withdrawn")
    return queries.as_enrollment(row)


@transaction.atomic
def take_back(*, user_id: UUID, course_id: UUID, reason: TakenBack) -> None:
    """Takes a bought course from the learner again, also a completed one, and frees the seat; harmless twice.

    That it was completed stays a fact (decision 0025), and so does their progress, should they buy it anew.
    """
    bought = EnrollmentRow.objects.of(user_id).filter(course_id=course_id, source=Source.PURCHASE)
    row = bought.select_for_update(no_key=True).first()
    if row is None:
        return
    if row.state in OPEN_STATES:
        _end(row, EnrollmentState.REVOKED, reason=reason.value)
    elif row.state == EnrollmentState.WITHDRAWN:
        row.state = EnrollmentState.REVOKED
        row.save(update_fields=["state", "updated_at"])


@transaction.atomic
def rename_learner(*, user_id: UUID) -> None:
    """Brings the rosters' copies of the learner's name up to date, whichever order the news of it came in."""
    rows = EnrollmentRow.objects.of(user_id)
    list(rows.select_for_update(no_key=True).order_by("id").values_list("id"))
    name = users.get_person(user_id=user_id).display_name
    rows.update(learner_name=name, learner_key=sort_key(name))


def check_open(card: CourseCard, *, user_id: UUID, source: Source) -> None:
    """Raises what `enrol` raises where the course takes nobody new in this way."""
    if card.state == CourseState.DRAFT:
        raise CourseNotFound
    is_paid_for = source != Source.FREE or card.price_amount == 0
    if card.state == CourseState.PUBLISHED and is_paid_for:
        return
    if known := EnrollmentRow.objects.open().of(user_id).filter(course_id=card.id).first():
        raise AlreadyEnrolled(enrollment_id=known.id)
    if card.state == CourseState.ARCHIVED:
        raise CourseNotOpen
    raise CourseNotPaid(
        "Buy the course at the checkout; the enrolment follows by itself.",
        checkout="/api/v1/payments/checkout/",
        course_id=card.id,
        amount=card.price_amount,
        currency=card.currency,
    )


def _place(card: CourseCard, *, user_id: UUID, learner: str, source: Source, now: datetime) -> Enrollment | None:
    """The new enrolment; None when the learner has one or the course is not tracked yet."""
    enrollment_id = uuid7()
    with prepared_cursor() as cursor:
        cursor.execute(
            _PLACE,
            {
                "id": enrollment_id,
                "user_id": user_id,
                "course_id": card.id,
                "source": source.value,
                "now": now,
                "learner_name": learner,
                "learner_key": sort_key(learner),
                "capacity": card.capacity,
            },
        )
        placed = cursor.fetchone()
    if placed is None:
        return None
    required_lessons, is_seated = placed
    if not is_seated:
        raise SeatsExhausted
    return Enrollment(
        id=enrollment_id,
        user_id=user_id,
        course_id=card.id,
        state=EnrollmentState.ACTIVE,
        source=source,
        enrolled_at=now,
        completed_at=None,
        percent=0,
        completed_lessons=0,
        required_lessons=required_lessons,
    )


def _place_first(card: CourseCard, *, user_id: UUID, learner: str, source: Source, now: datetime) -> Enrollment | None:
    """As `_place` in a course that is not tracked yet: the enrolment is locked first here too."""
    track(course_id=card.id)
    placed = _place(card, user_id=user_id, learner=learner, source=source, now=now)
    if placed is None:
        return None
    follow_outline(course_id=card.id)
    tracked = TrackedCourse.objects.get(pk=card.id)
    wanted = {"required_version": tracked.required_version, "required_lessons": tracked.required_lessons}
    EnrollmentRow.objects.filter(id=placed.id).update(**wanted)
    return replace(placed, required_lessons=tracked.required_lessons)


def _come_back(card: CourseCard, *, user_id: UUID, source: Source, now: datetime) -> Enrollment:
    row = EnrollmentRow.objects.select_for_update(no_key=True).of(user_id).get(course_id=card.id)
    if row.state in OPEN_STATES:
        raise AlreadyEnrolled(enrollment_id=row.id)
    if row.state == EnrollmentState.REVOKED and source == Source.FREE:
        raise AccessTakenBack
    _take_seat_again(row, capacity=card.capacity)
    row.state = EnrollmentState.ACTIVE if row.completed_at is None else EnrollmentState.COMPLETED
    row.source = source
    row.enrolled_at = now
    row.save(update_fields=["state", "source", "enrolled_at", "updated_at"])
    _count_lessons(row, step=1)
    recount(course_id=card.id, enrollment_ids=[row.id], now=now)
    return queries.get_own(user_id=user_id, course_id=card.id)


def _end(row: EnrollmentRow, state: EnrollmentState, *, reason: str) -> None:
    row.state = state
    row.save(update_fields=["state", "updated_at"])
    TrackedCourse.objects.filter(pk=row.course_id).update(
        taken=F("taken") - 1,
        percent_sum=F("percent_sum") - row.percent,
        completed=F("completed") - int(row.completed_at is not None),
    )
    _count_lessons(row, step=-1)
    publish(AccessRevoked(enrollment_id=row.id, user_id=row.user_id, course_id=row.course_id, reason=reason))


def _take_seat_again(row: EnrollmentRow, *, capacity: int | None) -> None:
    freed, _ = SeatHold.objects.filter(user_id=row.user_id, course_id=row.course_id).delete()
    is_free = Q() if capacity is None or freed else Q(taken__lt=capacity - F("held"))
    seated = TrackedCourse.objects.filter(is_free, pk=row.course_id).update(
        held=F("held") - freed,
        taken=F("taken") + 1,
        percent_sum=F("percent_sum") + row.percent,
        completed=F("completed") + int(row.completed_at is not None),
    )
    if not seated:
        raise SeatsExhausted


def _count_lessons(row: EnrollmentRow, *, step: int) -> None:
    done = LessonProgress.objects.filter(enrollment=row, completed_at__isnull=False).values("lesson")
    lessons = TrackedLesson.objects.filter(pk__in=done)
    list(lessons.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    lessons.update(completions=F("completions") + step)
