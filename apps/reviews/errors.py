"""What can go wrong with reviews, by name."""

from learninghub.errors import Conflict, Forbidden, NotFound


class ReviewNotFound(NotFound):
    """There is no such review."""


class NotLearning(Forbidden):
    """Only who takes the course may say how it is."""


class TeachesTheCourse(Forbidden):
    """Instructors do not judge their own course."""


class TooEarly(Conflict):
    """Take at least a tenth of the course first."""


class AlreadyReviewed(Conflict):
    """You have reviewed this course; change that review."""


class OwnReview(Conflict):
    """This review is yours: withdraw it instead."""


class AlreadyReported(Conflict):
    """You have reported this review."""
