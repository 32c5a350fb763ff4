"""Reviews that should not be: reported by anyone, hidden by many learners or by staff, and shown again."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.reviews.actions.keeping import find_refusal, lock_review, write
from apps.reviews.errors import AlreadyReported, OwnReview, ReviewNotFound
from apps.reviews.events import ReviewHidden, ReviewReported, ReviewRestored
from apps.reviews.models import RatedCourse, Review, ReviewReport
from apps.reviews.rules import REPORTS_THAT_HIDE
from apps.reviews.types import Change, Reason, ReviewState
from learninghub import audit, limits
from learninghub.outbox import publish
from learninghub.plain_text import paragraphs

REPORTS_OF_PERSON = limits.Limit(name="reviews.reports", uses=10, window=timedelta(days=1))


@transaction.atomic
def report_review(*, review_id: UUID, reason: Reason, note: str, by: UUID, now: datetime) -> None:
    """Asks staff to look at a review that is shown; the third who may judge the course to ask hides it until they have.

    Locks the course's ratings. Raises ReviewNotFound, OwnReview, AlreadyReported, and TooMany after ten a day.
    """
    rated, review = lock_review(review_id)
    if review.state != ReviewState.SHOWN:
        raise ReviewNotFound
    if review.author_id == by:
        raise OwnReview
    if review.reports.filter(reporter_id=by).exists():
        raise AlreadyReported
    limits.claim(REPORTS_OF_PERSON, str(by), now=now)
    ReviewReport.objects.create(
        review=review,
        reporter_id=by,
        reason=reason,
        note=paragraphs(note),
        weighs=find_refusal(course_id=review.course_id, user_id=by) is None,
        reported_at=now,
    )
    publish(ReviewReported(review_id=review.id, course_id=review.course_id, reason=reason.value))
    review.reported_at = review.reported_at or now
    review.save(update_fields=["reported_at", "updated_at"])
    if review.reports.filter(settled_at__isnull=True, weighs=True).count() >= REPORTS_THAT_HIDE:
        _hide(rated, review, Reason.REPORTS, now=now)


@transaction.atomic
def hide_review(*, review_id: UUID, reason: Reason, note: str, by: UUID, now: datetime) -> None:
    """Hides the review for a reason that its author is told, and settles its reports; a no-op when all is so.

    The note is for the audit log. Locks the course's ratings. Raises ReviewNotFound.
    """
    rated, review = lock_review(review_id)
    settled = _settle(review, now=now)
    if not settled and review.hidden_for == reason:
        return
    if review.hidden_for != reason:
        _hide(rated, review, reason, now=now)
    told = {"reason": reason.value, "reports": settled}
    audit.record(action="reviews.hidden", by=by, subject=review.id, reason=note, details=told, now=now)


@transaction.atomic
def restore_review(*, review_id: UUID, note: str, by: UUID, now: datetime) -> None:
    """Finds nothing wrong with the review: settles its reports, and shows it if it was hidden. A no-op when all is so.

    The note is for the audit log. Locks the course's ratings. Raises ReviewNotFound.
    """
    rated, review = lock_review(review_id)
    settled = _settle(review, now=now)
    if not settled and not review.hidden_for:
        return
    if review.hidden_for:
        write(rated, review, Change.RESTORED, now=now, hidden_for="")
        publish(ReviewRestored(review_id=review.id, course_id=review.course_id, author_id=review.author_id))
    audit.record(
        action="reviews.restored", by=by, subject=review.id, reason=note, details={"reports": settled}, now=now
    )


def _settle(review: Review, *, now: datetime) -> int:
    """Staff have looked at it; returns how many had asked."""
    settled = review.reports.filter(settled_at__isnull=True).update(settled_at=now)
    if settled:
        review.reported_at = None
        review.save(update_fields=["reported_at", "updated_at"])
    return settled


def _hide(rated: RatedCourse, review: Review, reason: Reason, *, now: datetime) -> None:
    write(rated, review, Change.HIDDEN, now=now, reason=reason, hidden_for=reason)
    publish(
        ReviewHidden(review_id=review.id, course_id=review.course_id, author_id=review.author_id, reason=reason.value)
    )
