"""How a review is written: under its course's lock, with its history, the course's ratings and the cache in step."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.types import EnrollmentState
from apps.reviews import rules
from apps.reviews.errors import ReviewNotFound
from apps.reviews.events import RatingChanged
from apps.reviews.models import RatedCourse, Review, ReviewChange
from apps.reviews.queries import SCOPE
from apps.reviews.types import Change
from learninghub import caching
from learninghub.errors import DomainError
from learninghub.outbox import publish

_HAVE_ACCESS = {EnrollmentState.ACTIVE, EnrollmentState.COMPLETED}


def lock_course(course_id: UUID) -> RatedCourse:
    """The course's ratings, locked until the transaction ends; its reviews only change under this lock."""
    RatedCourse.objects.bulk_create([RatedCourse(course_id=course_id)], ignore_conflicts=True)
    return RatedCourse.objects.select_for_update(no_key=True).get(pk=course_id)


def lock_courses(course_ids: QuerySet[Any]) -> None:
    """Locks the ratings of several courses as `lock_course` does those of one, in the order of their ids."""
    list(RatedCourse.objects.select_for_update(no_key=True).filter(pk__in=course_ids).order_by("pk").values_list("pk"))


def lock_review(review_id: UUID) -> tuple[RatedCourse, Review]:
    """The review as it stands under its course's lock; raises ReviewNotFound."""
    course_id = Review.objects.filter(id=review_id).values_list("course_id", flat=True).first()
    if course_id is None:
        raise ReviewNotFound
    return lock_course(course_id), Review.objects.get(id=review_id)


def check_judge(*, course_id: UUID, user_id: UUID) -> None:
    """Raises TeachesTheCourse, NotLearning or TooEarly unless the person knows the course as a learner."""
    refusal = find_refusal(course_id=course_id, user_id=user_id)
    if refusal is not None:
        raise refusal


def find_refusal(*, course_id: UUID, user_id: UUID) -> DomainError | None:
    """Why the person may not judge the course; None where they may."""
    enrollment = enrollments.find_enrollment(user_id=user_id, course_id=course_id)
    has_access = enrollment is not None and enrollment.state in _HAVE_ACCESS
    return rules.refusal(
        teaches=courses.teaches(user_id=user_id, course_id=course_id),
        percent=enrollment.percent if enrollment and has_access else None,
    )


def write(
    rated: RatedCourse, review: Review, change: Change, *, now: datetime, reason: str = "", **fields: Any
) -> None:
    """Sets these fields of a review of the locked course; one that is new counts for nothing before."""
    before = review.counts_for
    for name, value in fields.items():
        setattr(review, name, value)
    review.save()
    ReviewChange.objects.create(
        review=review, what=change, rating=review.rating, text=review.text, reason=reason, changed_at=now
    )
    _count(rated, before=before, after=review.counts_for)
    caching.bump(SCOPE)


def _count(rated: RatedCourse, *, before: int | None, after: int | None) -> None:
    if before == after:
        return
    for stars, change in ((before, -1), (after, 1)):
        if stars is not None:
            rated.count(stars, change=change)
    rated.version += 1
    rated.save()
    publish(
        RatingChanged(
            course_id=rated.pk, sum=rules.total(rated.histogram), count=sum(rated.histogram), version=rated.version
        )
    )
