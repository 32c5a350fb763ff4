"""The facts that content states."""

from uuid import UUID

from learninghub.events import event


@event("content.import_finished.v1", key="import_id")
class ImportFinished:
    """An import came to its end: it changed the course, or it failed and changed nothing."""

    import_id: UUID
    user_id: UUID
    course_id: UUID | None
    succeeded: bool
