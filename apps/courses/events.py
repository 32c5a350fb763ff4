"""What courses states."""

from uuid import UUID

from learninghub.events import event


@event("courses.course_published.v1", key="course_id")
class CoursePublished:
    """A course is in the catalogue, for the first time or again."""

    course_id: UUID
    author_id: UUID
    title: str


@event("courses.outline_changed.v1", key="course_id")
class OutlineChanged:
    """The modules or lessons of a course that learners may have are no longer what they were; ask the door for them."""

    course_id: UUID
    version: int


@event("courses.lesson_removed.v1", key="course_id")
class LessonRemoved:
    """A lesson was taken out of its course."""

    course_id: UUID
    lesson_id: UUID


@event("courses.course_archived.v1", key="course_id")
class CourseArchived:
    """A course left the catalogue; who has it keeps it."""

    course_id: UUID


@event("courses.team_changed.v1", key="course_id")
class TeamChanged:
    """Someone joined or left the instructors of a course."""

    course_id: UUID
