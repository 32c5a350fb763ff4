"""Copies of other apps' words, kept by their facts."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.courses.models import Course, CourseInstructor
from apps.courses.queries.shared import SCOPE
from apps.users import api as users
from learninghub import caching


@transaction.atomic
def refresh_name(*, user_id: UUID) -> None:
    """Takes over the name the person has now, so late and repeated news do no harm.

    Locks the courses they teach in the order of their ids.
    """
    places = CourseInstructor.objects.filter(user_id=user_id)  # an author has one too
    taught = Course.objects.filter(id__in=places.values("course_id"))
    held = list(taught.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))
    name = users.get_person(user_id=user_id).display_name
    changed = taught.filter(id__in=held, author_id=user_id).exclude(author_name=name).update(author_name=name)
    changed += places.filter(course_id__in=held).exclude(name=name).update(name=name)
    if changed:
        caching.bump(SCOPE)


def count_learners(*, course_id: UUID, change: int) -> None:
    """Adds to the learners of the course.

    The order of coming and going does not matter, so the sum may pass below zero for a moment. Cached pages are not
    renewed for it: a count may be a minute old (six where Redis keeps pages), and a rush on one course must not
    empty the cache for all.
    """
    Course.objects.filter(id=course_id).update(learners=F("learners") + change)


@transaction.atomic
def take_rating(*, course_id: UUID, rating_sum: int, rating_count: int, version: int) -> None:
    """Takes over how the course is rated, unless a later version of it is known; the catalogue sorts by it at once."""
    earlier = Course.objects.filter(id=course_id, rating_version__lt=version)
    if earlier.update(rating_sum=rating_sum, rating_count=rating_count, rating_version=version):
        caching.bump(SCOPE)
