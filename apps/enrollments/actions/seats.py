"""Holding a seat for someone who pays."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from apps.courses import api as courses
from apps.enrollments.actions.enrolment import check_open
from apps.enrollments.actions.outline import follow_outline, track
from apps.enrollments.errors import AlreadyEnrolled, SeatsExhausted
from apps.enrollments.models import Enrollment, SeatHold, TrackedCourse
from apps.enrollments.types import Source
from learninghub.db import prepared_cursor, uuid7

BATCH = 200

# The hold first, then the seat: a second hold of the same learner takes no second seat, it lasts longer.
_HOLD = """
with held as (
    insert into enrollments_seathold as kept (id, user_id, course_id, until, updated_at)
    select %(id)s, %(user_id)s, course_id, %(until)s, %(now)s
      from enrollments_trackedcourse
     where course_id = %(course_id)s
    on conflict (user_id, course_id) do update
       set until = greatest(kept.until, excluded.until), updated_at = excluded.updated_at
    returning kept.course_id, kept.id = %(id)s::uuid as is_new
), seated as (
    update enrollments_trackedcourse tracked
       set held = tracked.held + 1
      from held
     where held.is_new and tracked.course_id = held.course_id
       and (%(capacity)s::integer is null or tracked.taken + tracked.held < %(capacity)s::integer)
    returning tracked.course_id
)
select not held.is_new or seated.course_id is not null from held left join seated on true
"""

Values = dict[str, UUID | datetime | int | None]


@transaction.atomic
def hold_seat(*, user_id: UUID, course_id: UUID, until: datetime, now: datetime) -> None:
    """Keeps a seat of a published course free for the learner; held twice, it is one seat, until the later moment.

    Raises AlreadyEnrolled, SeatsExhausted, CourseNotOpen and the courses' CourseNotFound (also for a draft).
    """
    card = courses.get_card(course_id=course_id)
    check_open(card, user_id=user_id, source=Source.PURCHASE)
    if known := Enrollment.objects.open().of(user_id).filter(course_id=course_id).first():
        raise AlreadyEnrolled(enrollment_id=known.id)
    hold: Values = {
        "id": uuid7(),
        "user_id": user_id,
        "course_id": course_id,
        "until": until,
        "capacity": card.capacity,
        "now": now,
    }
    is_held = _hold(hold)
    if is_held is None:
        track(course_id=course_id)
        is_held = _hold(hold)
        follow_outline(course_id=course_id)
    if not is_held:
        raise SeatsExhausted


@transaction.atomic
def release_seat(*, user_id: UUID, course_id: UUID) -> None:
    """Lets go of the seat held for the learner; without effect where none is."""
    _release(SeatHold.objects.filter(user_id=user_id, course_id=course_id), course_id=course_id)


def release_lapsed(*, now: datetime) -> None:
    """Lets go of the seats whose time is over, each in a transaction of its own."""
    lapsed = SeatHold.objects.filter(until__lte=now)
    for hold_id, course_id in lapsed.order_by("until", "id").values_list("id", "course_id")[:BATCH]:
        with transaction.atomic():
            _release(lapsed.filter(id=hold_id), course_id=course_id)


def _hold(hold: Values) -> bool | None:
    """Whether there is a seat; None where the course is not tracked yet."""
    with prepared_cursor() as cursor:
        cursor.execute(_HOLD, hold)
        row = cursor.fetchone()
    return None if row is None else bool(row[0])


def _release(holds: QuerySet[SeatHold], *, course_id: UUID) -> None:
    released, _ = holds.delete()
    if released:
        TrackedCourse.objects.filter(pk=course_id).update(held=F("held") - released)
