"""Saying how a course is, changing one's mind, and taking it back."""

from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction

from apps.reviews.actions.keeping import check_judge, lock_course, lock_courses, lock_review, write
from apps.reviews.errors import AlreadyReviewed
from apps.reviews.events import ReviewPosted
from apps.reviews.models import Review
from apps.reviews.queries import SCOPE
from apps.reviews.types import Change, ReviewChanges
from apps.users import api as users
from learninghub import caching
from learninghub.outbox import publish
from learninghub.plain_text import paragraphs


@transaction.atomic
def post_review(*, course_id: UUID, rating: int, text: str, by: UUID, now: datetime) -> UUID:
    """Says how the course is; returns the review's id. One that was withdrawn comes back with these words.

    Locks the course's ratings. Raises TeachesTheCourse, NotLearning, TooEarly, AlreadyReviewed.
    """
    check_judge(course_id=course_id, user_id=by)
    rated = lock_course(course_id)
    name = users.get_person(user_id=by).display_name
    known = Review.objects.of(by).filter(course_id=course_id).first()
    if known is not None and known.withdrawn_at is None:
        raise AlreadyReviewed(review_id=known.id)
    review = known or Review(course_id=course_id, author_id=by)
    told: dict[str, Any] = {"rating": rating, "text": paragraphs(text), "author_name": name, "posted_at": now}
    write(rated, review, Change.POSTED, now=now, edited_at=None, withdrawn_at=None, **told)
    if known is None:
        publish(ReviewPosted(review_id=review.id, course_id=course_id, author_id=by, rating=rating))
    return review.id


@transaction.atomic
def edit_review(*, review_id: UUID, by: UUID, now: datetime, **changes: Unpack[ReviewChanges]) -> None:
    """Changes the rating, the words or both; a no-op when all is as it was. A withdrawn review comes back by it.

    What is hidden stays hidden. Locks the course's ratings. Raises ReviewNotFound, TeachesTheCourse, NotLearning,
    TooEarly.
    """
    rated, review = lock_review(review_id)
    check_judge(course_id=review.course_id, user_id=by)
    given: dict[str, Any] = dict(changes)
    if "text" in given:
        given["text"] = paragraphs(given["text"])
    fields = {name: value for name, value in given.items() if value != getattr(review, name)}
    if fields or review.withdrawn_at is not None:
        write(rated, review, Change.EDITED, now=now, edited_at=now, withdrawn_at=None, **fields)


@transaction.atomic
def withdraw_review(*, review_id: UUID, now: datetime) -> None:
    """Takes the review back; its author may review the course again. Harmless twice.

    Locks the course's ratings. Raises ReviewNotFound.
    """
    rated, review = lock_review(review_id)
    if review.withdrawn_at is None:
        write(rated, review, Change.WITHDRAWN, now=now, withdrawn_at=now)


@transaction.atomic
def rename_author(*, user_id: UUID) -> None:
    """Brings the name above the person's reviews up to date, whichever order the news of it came in.

    Locks the ratings of the courses they have reviewed, in the order of their ids.
    """
    lock_courses(Review.objects.of(user_id).values("course_id"))
    name = users.get_person(user_id=user_id).display_name
    if Review.objects.of(user_id).exclude(author_name=name).update(author_name=name):
        caching.bump(SCOPE)
