"""What reviews states."""

from uuid import UUID

from learninghub.events import event


@event("reviews.review_posted.v1", key="review_id")
class ReviewPosted:
    """A learner reviewed a course for the first time."""

    review_id: UUID
    course_id: UUID
    author_id: UUID
    rating: int


@event("reviews.review_replied.v1", key="review_id")
class ReviewReplied:
    """An instructor answered a review, or changed the answer."""

    review_id: UUID
    course_id: UUID
    author_id: UUID


@event("reviews.review_reported.v1", key="review_id")
class ReviewReported:
    """Somebody asked staff to look at a review."""

    review_id: UUID
    course_id: UUID
    reason: str


@event("reviews.review_hidden.v1", key="review_id")
class ReviewHidden:
    """A review is no longer shown, or is hidden for another reason than before."""

    review_id: UUID
    course_id: UUID
    author_id: UUID
    reason: str


@event("reviews.review_restored.v1", key="review_id")
class ReviewRestored:
    """Staff found nothing wrong with a review that was hidden."""

    review_id: UUID
    course_id: UUID
    author_id: UUID


@event("reviews.rating_changed.v1", key="course_id")
class RatingChanged:
    """The reviews shown of a course add up to something else; the version grows with each such change."""

    course_id: UUID
    sum: int
    count: int
    version: int


@event("reviews.feedback_given.v1", key="feedback_id")
class FeedbackGiven:
    """A learner told a course's instructors something in private."""

    feedback_id: UUID
    course_id: UUID
