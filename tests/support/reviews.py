"""Reviews for tests, and whether what is kept beside them still agrees with them."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import TestCase

from apps.courses.types import CourseCard
from apps.reviews import actions
from apps.reviews.events import RatingChanged
from apps.reviews.models import RatedCourse, Review, ReviewChange, ReviewReport
from apps.reviews.types import Reason
from apps.users.types import Person
from tests.support.courses import lesson_ids
from tests.support.enrollments import NOON, complete_lesson, enrol
from tests.support.facts import published
from tests.support.people import make_person


def make_learner(course: CourseCard, *, lessons: int = 1, **person: Any) -> Person:
    """Someone who takes the course and has done its first lessons."""
    learner = make_person(**person)
    enrollment = enrol(learner, course)
    for lesson in lesson_ids(course.id)[:lessons]:
        complete_lesson(enrollment, lesson)
    return learner


def review(learner: Person, course: CourseCard, *, rating: int = 4, text: str = "Good.", now: datetime = NOON) -> UUID:
    """The learner reviews the course."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return actions.post_review(course_id=course.id, rating=rating, text=text, by=learner.id, now=now)


def make_review(course: CourseCard, **fields: Any) -> UUID:
    """A review by a learner of its own."""
    return review(make_learner(course), course, **fields)


def report(review_id: UUID, *reporters: Person, reason: Reason = Reason.SPAM) -> None:
    """These people ask staff to look at the review."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        for person in reporters:
            actions.report_review(review_id=review_id, reason=reason, note="", by=person.id, now=NOON)


def disagreements() -> list[str]:
    """Where ratings, facts, history or the queue differ from the reviews (invariant RV1); empty when all is well."""
    found = []
    told = {fact.course_id: fact for fact in published(RatingChanged)}
    for course in RatedCourse.objects.order_by("pk"):
        shown = Counter(Review.objects.shown().filter(course_id=course.pk).values_list("rating", flat=True))
        if course.histogram != tuple(shown[stars] for stars in range(1, 6)):
            found.append(f"{course.pk}: {course.histogram} of {dict(shown)}")
        if course.version:
            last = told[course.pk]
            recounted = (sum(stars * many for stars, many in shown.items()), shown.total(), course.version)
            if (last.sum, last.count, last.version) != recounted:
                found.append(f"{course.pk}: told {last}, not {recounted}")
    for each in Review.objects.order_by("id"):
        last = ReviewChange.objects.filter(review=each).order_by("-changed_at", "-id")[0]
        if (last.rating, last.text) != (each.rating, each.text):
            found.append(f"{each.id}: history ends in {last.rating} {last.text!r}")
        if (each.reported_at is not None) != ReviewReport.objects.filter(review=each, settled_at=None).exists():
            found.append(f"{each.id}: waits since {each.reported_at}")
    return found
