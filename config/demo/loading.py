"""Loading the demo: people, shelves, courses, and learners at different points."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.types import Source
from apps.users import api as users
from config.demo import people
from config.demo.courses import CATEGORIES, add_course, sources


@transaction.atomic
def load(*, now: datetime) -> bool:
    """Loads the whole demo in one transaction; does nothing, and says so, where its staff account is known already."""
    if users.find_by_email(email=people.STAFF.email):
        return False
    staff = people.welcome(people.STAFF, now=now)
    instructor = people.welcome(people.INSTRUCTOR, now=now)
    learners = [people.welcome(person, now=now) for person in (people.LEARNER, *people.OTHERS)]
    for slug, name in CATEGORIES.items():
        courses.add_category(slug=slug, name=name, by=staff, now=now)
    free = [add_course(source, by=instructor, now=now) for source in sources() if source["price_amount"] == 0]
    for source in sources():
        if source["price_amount"]:
            add_course(source, by=instructor, now=now)
    for number, learner in enumerate(learners[1:]):
        for course_id in free[: number + 1]:
            _begin(learner, course_id, lessons=number + 1, now=now)
    return True


def _begin(user_id: UUID, course_id: UUID, *, lessons: int, now: datetime) -> None:
    """Enrols the learner and has them complete the first lessons that need no quiz."""
    enrollment = enrollments.enrol(user_id=user_id, course_id=course_id, source=Source.FREE, now=now)
    plain = [lesson for lesson in courses.get_outline(course_id=course_id).lessons if not lesson.needs_quiz]
    for lesson in plain[:lessons]:
        enrollments.record_progress(
            enrollment_id=enrollment.id, lesson_id=lesson.id, by=user_id, completed=True, position_seconds=None, now=now
        )
