"""What can go wrong with quizzes, attempts and grades, by name."""

from learninghub.errors import Conflict, Forbidden, Invalid, NotFound


class QuizNotFound(NotFound):
    """There is no such quiz."""


class QuestionNotFound(NotFound):
    """There is no such question."""


class AttemptNotFound(NotFound):
    """There is no such attempt."""


class LearnerNotFound(NotFound):
    """Nobody of this name takes the course."""


class NotOverridden(NotFound):
    """This grade is not overridden."""


class PictureNotUsable(Invalid):
    """A question can only show files that are ready and belong to those who teach the course."""


class LessonHasQuiz(Conflict):
    """The lesson has a quiz already."""


class OrderMismatch(Conflict):
    """The new order does not name each question of the quiz exactly once."""


class QuizIsEmpty(Conflict):
    """The quiz has no questions yet."""


class NoAttemptsLeft(Conflict):
    """All attempts at this quiz are used."""


class AttemptClosed(Conflict):
    """The attempt is closed; its answers stand."""


class DeadlinePassed(Conflict):
    """The time for this attempt is over; what was saved before counts."""


class OwnGrade(Forbidden):
    """Nobody decides their own grade."""
