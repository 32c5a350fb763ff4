"""The tables of reviews: what learners say of courses, how it changed, and how the courses are rated by it."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator

from apps.reviews.rules import STARS
from apps.reviews.types import Change, Reason, ReviewState
from learninghub.db import BaseModel

REASONS = [(reason.value, reason.value) for reason in Reason]
CHANGES = [(change.value, change.value) for change in Change]
SHOWN = Q(withdrawn_at__isnull=True, hidden_for="")


class RatedCourse(models.Model):
    """How many reviews shown of a course give it so many stars; locked by whatever changes one of its reviews."""

    course = models.OneToOneField("courses.Course", on_delete=models.PROTECT, primary_key=True, related_name="+")
    stars_1 = models.PositiveIntegerField(default=0)
    stars_2 = models.PositiveIntegerField(default=0)
    stars_3 = models.PositiveIntegerField(default=0)
    stars_4 = models.PositiveIntegerField(default=0)
    stars_5 = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    @property
    def histogram(self) -> tuple[int, ...]:
        return tuple(getattr(self, f"stars_{stars}") for stars in STARS)

    def count(self, stars: int, *, change: int) -> None:
        name = f"stars_{stars}"
        setattr(self, name, getattr(self, name) + change)


class ReviewQuerySet(models.QuerySet["Review"]):
    def shown(self) -> Self:
        return self.filter(SHOWN)

    def of(self, user_id: UUID) -> Self:
        return self.filter(author_id=user_id)

    def reported(self) -> Self:
        return self.filter(reported_at__isnull=False, withdrawn_at__isnull=True)


class Review(BaseModel):
    """What one learner says of one course, with the instructor's answer; withdrawn and hidden ones keep their row."""

    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    author_name = models.CharField(max_length=200)
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    posted_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    hidden_for = models.CharField(max_length=16, choices=REASONS, blank=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    reported_at = models.DateTimeField(null=True)  # since when staff are asked to look at it

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "author"], name="reviews_review_once"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="reviews_review_stars"),
            models.CheckConstraint(
                condition=Q(reply="", replied_at__isnull=True, replied_by__isnull=True)
                | ~Q(reply="") & Q(replied_at__isnull=False, replied_by__isnull=False),
                name="reviews_review_reply_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "-posted_at", "-id"], name="reviews_newest", condition=SHOWN),
            models.Index(fields=["course", "-rating", "-posted_at", "-id"], name="reviews_highest", condition=SHOWN),
            models.Index(fields=["course", "rating", "-posted_at", "-id"], name="reviews_lowest", condition=SHOWN),
            models.Index(fields=["author", "-posted_at", "-id"], name="reviews_mine"),
            models.Index("reported_at", "id", name="reviews_reported", condition=Q(reported_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}, {self.rating} of 5: {Truncator(self.text).chars(60)}"

    @property
    def state(self) -> ReviewState:
        if self.withdrawn_at is not None:
            return ReviewState.WITHDRAWN
        return ReviewState.HIDDEN if self.hidden_for else ReviewState.SHOWN

    @property
    def counts_for(self) -> int | None:
        """How many stars the course has of it."""
        return self.rating if self.state == ReviewState.SHOWN else None


class ReviewChange(BaseModel):
    """What happened to a review, and how it read after that; never changed."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="changes", db_index=False)
    what = models.CharField(max_length=9, choices=CHANGES)
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=16, choices=REASONS, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["review", "-changed_at", "-id"], name="reviews_history")]


class ReviewReport(BaseModel):
    """One person's word to staff about a review; open until staff have looked. It may hide it where it weighs."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="reports", db_index=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=16, choices=REASONS)
    note = models.CharField(max_length=500, blank=True)
    weighs = models.BooleanField()
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "reporter"], name="reviews_report_once"),
            models.CheckConstraint(condition=~Q(reason=Reason.REPORTS), name="reviews_report_by_a_person"),
        ]


class Feedback(BaseModel):
    """What a learner told the instructors of a course alone."""

    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="reviews_feedback_says_something")]
        indexes = [models.Index(fields=["course", "-sent_at", "-id"], name="reviews_feedback_newest")]
