"""Who teaches a course."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.courses.actions.locks import lock_course, save_course
from apps.courses.errors import AuthorStays, NotAnInstructor
from apps.courses.events import TeamChanged
from apps.courses.models import CourseInstructor
from apps.users import api as users
from apps.users.types import Role
from learninghub import audit
from learninghub.errors import Invalid
from learninghub.outbox import publish


@transaction.atomic
def add_instructor(*, course_id: UUID, user_id: UUID, by: UUID, now: datetime) -> None:
    """The person teaches the course too; a no-op when they do. Locks the course.

    Raises NotAnInstructor unless they are an instructor with a verified address, Invalid when nobody has this id.
    """
    course = lock_course(course_id)
    if CourseInstructor.objects.filter(course=course, user_id=user_id).exists():
        return
    person = users.get_people(ids=[user_id]).get(user_id)
    if person is None:
        raise Invalid(errors={"user_id": ["There is no such person."]})
    if not person.is_verified or Role.INSTRUCTOR not in person.roles:
        raise NotAnInstructor
    CourseInstructor.objects.create(course=course, user_id=user_id, name=person.display_name)
    save_course(course)
    publish(TeamChanged(course_id=course.id))
    audit.record(
        action="courses.instructor_added", by=by, subject=course.id, now=now, details={"user_id": str(user_id)}
    )


@transaction.atomic
def remove_instructor(*, course_id: UUID, user_id: UUID, by: UUID, now: datetime) -> None:
    """The person no longer teaches the course; a no-op when they do not. Locks the course. Raises AuthorStays."""
    course = lock_course(course_id)
    if course.author_id == user_id:
        raise AuthorStays
    gone, _ = CourseInstructor.objects.filter(course=course, user_id=user_id).delete()
    if not gone:
        return
    save_course(course)
    publish(TeamChanged(course_id=course.id))
    audit.record(
        action="courses.instructor_removed", by=by, subject=course.id, now=now, details={"user_id": str(user_id)}
    )
