"""What can go wrong with courses, by name."""

from learninghub.errors import Conflict, Forbidden, Invalid, NotFound


class CourseNotFound(NotFound):
    """There is no such course."""


class ModuleNotFound(NotFound):
    """There is no such module."""


class LessonNotFound(NotFound):
    """There is no such lesson."""


class NotAnInstructor(Forbidden):
    """Only a verified instructor makes courses."""


class CourseHasNoTitle(Conflict):
    """A published course has a title."""


class CourseHasNoSummary(Conflict):
    """A published course has a summary."""


class CourseHasNoLessons(Conflict):
    """A published course has at least one lesson."""


class NotPublished(Conflict):
    """Only a published course can be archived."""


class NotDraft(Conflict):
    """Only a draft that was never published can be deleted."""


class OutlineMismatch(Conflict):
    """The new order does not name each module and lesson of the course exactly once."""


class AuthorStays(Conflict):
    """The author of a course cannot leave its team."""


class UnusableCover(Invalid):
    """A cover is a public picture that is ready and belongs to one of the course's instructors."""
