"""The reads of reviews."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from apps.courses import api as courses
from apps.reviews.errors import ReviewNotFound
from apps.reviews.models import Feedback, RatedCourse, Review, ReviewChange, ReviewReport
from apps.reviews.rules import average, total
from apps.reviews.types import Sort, Summary
from apps.users import api as users
from apps.users.types import Contact
from learninghub.db import Figures, per_day
from learninghub.db.replica import replica_ok
from learninghub.http.pagination import Page, PageRequest, paginate

SCOPE = "reviews"

_ORDERS = {
    Sort.NEWEST: ["-posted_at", "-id"],
    Sort.HIGHEST: ["-rating", "-posted_at", "-id"],
    Sort.LOWEST: ["rating", "-posted_at", "-id"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A piece of feedback and who gave it."""

    id: UUID
    author_id: UUID
    author_name: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A review that staff are asked to look at, and by whom."""

    review: Review
    course_title: str
    author: Contact
    reports: tuple[tuple[ReviewReport, Contact], ...]


@replica_ok
def list_of_course(*, course_id: UUID, rating: int | None, sort: Sort, page: PageRequest) -> Page[Review]:
    """What learners say of the course, for everyone; nothing of a course that nobody has reviewed."""
    rows = Review.objects.shown().filter(course_id=course_id)
    return paginate(rows.filter(rating=rating) if rating else rows, order_by=_ORDERS[sort], page=page)


@replica_ok
def get_summary(*, course_id: UUID) -> Summary:
    """How the course is rated; zeros where nobody has reviewed it."""
    rated = RatedCourse.objects.filter(pk=course_id).first() or RatedCourse(course_id=course_id)
    return Summary(
        course_id=course_id,
        count=sum(rated.histogram),
        sum=total(rated.histogram),
        average=average(rated.histogram),
        histogram=rated.histogram,
    )


def list_of_author(*, user_id: UUID, page: PageRequest) -> Page[Review]:
    """The person's own reviews, hidden and withdrawn ones too, newest first."""
    return paginate(Review.objects.of(user_id), order_by=_ORDERS[Sort.NEWEST], page=page)


def get_review(*, review_id: UUID) -> Review:
    """The review as its author and staff see it; raises ReviewNotFound."""
    review = Review.objects.filter(id=review_id).first()
    if review is None:
        raise ReviewNotFound
    return review


def list_cases(*, page: PageRequest) -> Page[Case]:
    """As `list_reported`, with the names and addresses of all concerned."""
    found: Page[Any] = list_reported(page=page)
    rows = found.results
    titles = courses.get_cards(ids={row.course_id for row in rows})
    concerned = {row.author_id for row in rows} | {one.reporter_id for row in rows for one in row.open_reports}
    people = users.get_contacts(ids=concerned)
    return replace(
        found,
        results=[
            Case(
                review=row,
                course_title=titles[row.course_id].title if row.course_id in titles else "",
                author=people[row.author_id],
                reports=tuple((one, people[one.reporter_id]) for one in row.open_reports),
            )
            for row in rows
        ],
    )


def list_changes(*, review_id: UUID, page: PageRequest) -> Page[ReviewChange]:
    """What happened to the review, the latest first."""
    return paginate(ReviewChange.objects.filter(review_id=review_id), order_by=["-changed_at", "-id"], page=page)


def list_reported(*, page: PageRequest) -> Page[Review]:
    """The reviews that staff are asked to look at, each with its open reports, who waits longest first.

    A withdrawn one waits until it comes back.
    """
    reports = ReviewReport.objects.filter(settled_at__isnull=True).order_by("reported_at", "id")
    found = Review.objects.reported().prefetch_related(Prefetch("reports", reports, to_attr="open_reports"))
    return paginate(found, order_by=["reported_at", "id"], page=page)


def figures(*, first: date, last: date) -> Figures:
    """The reviews that wait for staff, by the day since when."""
    return {"reviews_reported": per_day(Review.objects.reported(), first=first, last=last, by="reported_at")}


def list_feedback(*, course_id: UUID, page: PageRequest) -> Page[Told]:
    """What learners told the course's instructors, newest first, under the names they have now."""
    found = paginate(Feedback.objects.filter(course_id=course_id), order_by=["-sent_at", "-id"], page=page)
    rows: Sequence[Feedback] = found.results
    people = users.get_people(ids={row.author_id for row in rows})
    return replace(
        found,
        results=[
            Told(
                id=row.id,
                author_id=row.author_id,
                author_name=people[row.author_id].display_name,
                text=row.text,
                sent_at=row.sent_at,
            )
            for row in rows
        ],
    )


def is_author(*, user_id: UUID, review_id: UUID) -> bool:
    """Whether the review is the person's own."""
    return Review.objects.of(user_id).filter(id=review_id).exists()


def teaches_reviewed(*, user_id: UUID, review_id: UUID) -> bool:
    """Whether the person is one of the instructors of the course that the review is of."""
    course_id = Review.objects.filter(id=review_id).values_list("course_id", flat=True).first()
    return course_id is not None and courses.teaches(user_id=user_id, course_id=course_id)
