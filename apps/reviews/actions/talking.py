"""What passes between learners and instructors: answers to reviews, and feedback that nobody else reads."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.reviews.actions.keeping import check_judge, lock_review
from apps.reviews.errors import ReviewNotFound
from apps.reviews.events import FeedbackGiven, ReviewReplied
from apps.reviews.models import Feedback
from apps.reviews.queries import SCOPE
from apps.reviews.types import ReviewState
from learninghub import caching, limits
from learninghub.errors import Invalid
from learninghub.outbox import publish
from learninghub.plain_text import paragraphs

FEEDBACK_OF_PERSON = limits.Limit(name="reviews.feedback", uses=5, window=timedelta(days=1))


@transaction.atomic
def reply(*, review_id: UUID, text: str, by: UUID, now: datetime) -> None:
    """Answers a review that is shown, in place of an earlier answer; a no-op when it is the same.

    Locks the course's ratings. Raises ReviewNotFound, and Invalid where there are no words.
    """
    words = _words(text)
    _, review = lock_review(review_id)
    if review.state != ReviewState.SHOWN:
        raise ReviewNotFound
    if words == review.reply:
        return
    review.reply, review.replied_at, review.replied_by_id = words, now, by
    review.save(update_fields=["reply", "replied_at", "replied_by", "updated_at"])
    publish(ReviewReplied(review_id=review.id, course_id=review.course_id, author_id=review.author_id))
    caching.bump(SCOPE)


@transaction.atomic
def give_feedback(*, course_id: UUID, text: str, by: UUID, now: datetime) -> UUID:
    """Tells the course's instructors alone; returns the feedback's id.

    Raises TeachesTheCourse, NotLearning, TooEarly, TooMany after five a day, and Invalid where there are no words.
    """
    words = _words(text)
    check_judge(course_id=course_id, user_id=by)
    limits.claim(FEEDBACK_OF_PERSON, str(by), now=now)
    feedback = Feedback.objects.create(course_id=course_id, author_id=by, text=words, sent_at=now)
    publish(FeedbackGiven(feedback_id=feedback.id, course_id=course_id))
    return feedback.id


def _words(text: str) -> str:
    words = paragraphs(text)
    if not words:
        raise Invalid(errors={"text": ["There are no words in it."]})
    return words
