"""What can go wrong with an enrolment."""

from learninghub.errors import Conflict, NotFound, PaymentRequired


class EnrollmentNotFound(NotFound):
    """There is no such enrolment."""


class LessonNotInCourse(NotFound):
    """The course has no such lesson."""


class AlreadyEnrolled(Conflict):
    """The learner is already enrolled."""


class SeatsExhausted(Conflict):
    """All seats of the course are taken."""


class CourseNotOpen(Conflict):
    """The course takes no new learners."""


class AccessTakenBack(Conflict):
    """Access to the course was taken back."""


class EnrollmentEnded(Conflict):
    """The learner has left the course."""


class AlreadyCompleted(Conflict):
    """The course is already completed."""


class QuizNotPassed(Conflict):
    """The lesson's quiz has to be passed first."""


class CourseNotPaid(PaymentRequired):
    """The course has to be paid for first."""
